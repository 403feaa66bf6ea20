// What the desk needs of Terra Draw: drawing, selecting and reshaping on the map.
export {
  TerraDraw,
  TerraDrawFreehandMode,
  TerraDrawLineStringMode,
  TerraDrawPointMode,
  TerraDrawPolygonMode,
  TerraDrawRectangleMode,
  TerraDrawSelectMode,
} from "terra-draw";
export { TerraDrawMapLibreGLAdapter } from "terra-draw-maplibre-gl-adapter";
