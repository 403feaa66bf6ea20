// What the desk needs of Vega, bundled into one module. The interpreter evaluates expressions without
// eval, so charts draw under a Content-Security-Policy that forbids it.
export {
  View,
  Warn,
  defaultLocale,
  formatLocale,
  loader,
  parse,
  timeFormatLocale,
} from "vega";
export { expressionInterpreter } from "vega-interpreter";
export { compile } from "vega-lite";
