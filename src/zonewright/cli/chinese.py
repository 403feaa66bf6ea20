"""What the command line says of itself in Chinese: help, and mistakes in how it was called."""

from __future__ import annotations

import re

import click

# English help text to Chinese. A test says that none is missing and none is left over.
HELP = {
    # commands
    "Plan, build and steer industrial zones (园匠).\n\n"
    "A workspace is a file NAME.sqlite, or a postgresql:// address. Exit codes: 0 done,\n"
    "1 the input has faults (they are listed), 2 the command could not be carried out.": (
        "产业园区规划、建设与调度。\n\n工作区是一个 .sqlite 文件，或 postgresql:// 地址。\n\n"
        "退出码：0 完成，1 输入有错（逐条列出），2 无法执行。"
    ),
    "Build the example's files, import them, compute, write the report, and serve the desk.\n\n"
    "Totals are those published for Jiangmen in 2023; parcels, firms and works are synthetic.": (
        "生成示例文件，导入，计算，写报告，打开工作台。\n\n"
        "总量与江门市 2023 年公开报道一致；地块、企业、工程为合成数据。"
    ),
    "Make an empty workspace; an existing file is never touched.": (
        "新建空工作区；已有的文件绝不改动。"
    ),
    "Read FILES (or folders of files), check them, and take them in as one step.\n\n"
    "Nothing is written unless every file passes. Importing the same file again changes nothing.": (
        "读取文件（或文件夹），检查后一步导入。\n\n任何一个文件有错则一条不写；重复导入不作改动。"
    ),
    "Read FILES (or folders of files) and list every fault with its place.": (
        "读取文件（或文件夹），列出每个错误的位置；不写入。"
    ),
    "Compute the figures of the workspace's outline, each from its records.": (
        "计算回头看提纲中的全部指标，逐项由记录得出。"
    ),
    "Compare each target of the year with what was done by a month.": (
        "把年度目标与截至某月的完成数逐项对照。"
    ),
    "List the targets of a year, and say which of them differ from the sum of their parts.\n\n"
    "With --check the exit code is 1 if a sum does not add up.": (
        "列出年度目标，并指出与分解合计不一致的目标。\n\n加 --check 时，若合计不符，退出码为 1。"
    ),
    "Tell where each target's year will end, with a range and how good such forecasts were.\n\n"
    "Without a track record there is no forecast; what is missing is said instead.": (
        "预测各项目标的年末完成数，给出区间和既往检验情况。\n\n没有检验记录则不作预测，并说明缺什么。"
    ),
    "Show every zone by headline indicator: value, target, pace, and what holds it up.": (
        "按片区列出看板指标：完成数、目标、时序进度和滞后原因。"
    ),
    "List the indicators of a workspace, or define its own.": ("列出工作区的指标，或自定义指标。"),
    "Only figures of the board that are behind, the furthest first; the meeting list has every"
    " target.": "只列看板上滞后的指标，滞后最多者在前；全部目标见调度会议题清单。",
    "Only this indicator, with what it is made of and what uses it.": (
        "只列这个指标、它的组成和引用它的指标。"
    ),
    "Define the indicators of a CSV file; docs/reference/indicators.md shows one.": (
        "按 CSV 文件自定义指标；样例见 docs/reference/indicators.md。"
    ),
    "Only this zone.": "只列该片区（填编号）。",
    "List the blocks of ready parcels that share edges, and are large enough.\n\n"
    "With --zone, those of a zone of a workspace; without it, those of any file of parcels.": (
        "列出共边相连、面积达标的成熟地块。\n\n"
        "有 --zone 时计算工作区内某片区；否则计算任意地块文件。"
    ),
    "List the parcels that keep ready land from counting as a block, the most rewarding first.\n\n"
    "Each with what it lacks and since when. Costs are assumed unit rates, not prices.": (
        "列出使成熟土地不能计入连片的卡点地块，带动最大者在前。\n\n"
        "逐块列出欠缺及起始日。成本按假定单价估算，不是报价。"
    ),
    "Show what is left of the land quota by zone and source, and what is wrong with the ledger.\n\n"
    "Obtained is not used: what a grant leaves unused by its last day lapses.": (
        "按片区和来源列出用地指标余额，并指出台账问题。\n\n"
        "取得不等于使用：有效期内未使用的指标即失效。"
    ),
    "List the supervision orders, find what needs one, give and escalate them.\n\n"
    "Nothing is given without --raise. The rules are data: steering/data/orders.toml.": (
        "列出督办单，筛查应督办的事项，下达和升级督办。\n\n"
        "不加 --raise 不会下达。督办规则为数据：steering/data/orders.toml。"
    ),
    "Make the list of a meeting: zone by zone what is behind, open, missing and to come.": (
        "生成调度会议题清单：按片区列出滞后指标、未办结督办、未报月报、即将到期节点。"
    ),
    "Only the orders of this zone.": "只列该片区的督办单（填编号）。",
    "Only orders in this state.": "只列该状态的督办单。",
    "Only orders that are overdue.": "只列逾期的督办单。",
    "List what needs an order in the month; give none.": "列出该月应督办的事项，不下达。",
    "Give an order for all that needs one.": "对全部应督办的事项下达督办单。",
    "Take overdue orders to the level they are due to.": "把逾期督办单升级到应到的层级。",
    "Month that the rules look at, 2023-10, with --find or --raise; the last one by default.": (
        "筛查哪个月，如 2023-10，与 --find 或 --raise 同用；默认上月。"
    ),
    "Day; today if not given, of an older --month the last day of the month after it.": (
        "日期，如 2023-10-31；默认今天，--month 为更早月份的默认其次月末。"
    ),
    "File to write, ending in .docx or .pdf; without it the list is printed here.": (
        "要写出的文件，以 .docx 或 .pdf 结尾；不给则在终端显示。"
    ),
    "Only what concerns this zone.": "只列该片区的内容（填编号）。",
    "Show who owes which monthly return, and take returns from blank to locked.\n\n"
    "Without a step, `zonewright returns WORKSPACE` lists a month, zone by kind. Once locked,\n"
    "a return's rows are records; a correction is a new version.": (
        "月报填报情况，以及报表从空白表到锁定的各环节。\n\n"
        "不写环节时按片区和报表列出某月情况。报表锁定后各行成为记录；更正即为新的一版。"
    ),
    "Show where the returns of a month stand, zone by kind, or who owes what by when.": (
        "按片区和报表列出某月填报情况，或列出谁应在何时前报什么。"
    ),
    "Write the workbook to fill in for a kind, zone and month.": "生成某报表、片区、月份的空白表。",
    "Hand in filled-in workbooks; what is wrong with them is listed cell by cell.": (
        "报送已填工作簿；问题逐格列出。"
    ),
    "Hand a return's latest version to the checker.": "把报表最新版提交审核。",
    "Pass what was submitted on to the approver.": "审核通过，送审批。",
    "Lock what was checked: its rows become records.": "审批通过并锁定：各行成为记录。",
    "Send a return back for correction, with a remark.": "退回更正，须写意见。",
    "Open a locked return for correction, with a reason.": "重开已锁定的报表以便更正，须写原因。",
    "Write a return's workbook with what is wrong marked and commented.": (
        "生成标注问题并加批注的工作簿。"
    ),
    "Month, as in 2023-04; the last one that is over if not given.": "月份，如 2023-04；默认上月。",
    "Print who owes what by when instead.": "改为列出谁应在何时前报什么（催报）。",
    "Act as this account; else as the operator.": "以该账号办理；默认以操作员身份。",
    "Day to write down for the step, where files are replayed.": "重放历史文件时记录的办理日期。",
    "Remark; needed to send back or reopen.": "意见；退回、重开时必填。",
    "Workbook to write.": "要写出的工作簿。",
    "Also submit what has no fault.": "没有错误的一并提交。",
    "Version; the latest if not given.": "版本号；默认最新版。",
    "Write the look-back report: look-back.EXT in Chinese, look-back.en.EXT in English.": (
        "编写回头看报告：中文 look-back.*，英文 look-back.en.*。"
    ),
    "Write zones, parcels, works and no-go areas to a GeoPackage (no accounts, no secrets).\n\n"
    "Edit the copy in QGIS and bring it back with ``zonewright import``: only what was changed is\n"
    "merged, and a value that the workspace changed meanwhile is reported.": (
        "把片区、地块、工程、管控区写成 GeoPackage（不含账号和密码）。\n\n"
        "在 QGIS 中编辑后用 zonewright import 并回：只合并改动之处，\n\n"
        "工作区期间也改过的值会逐条列出。"
    ),
    # plans
    "Find which parcels to acquire and level so that a budget makes the most contiguous land.\n\n"
    "Costs and lead times are assumptions unless they are given. Value and bound are printed with "
    "the\nplan, which is checked again from the shapes.": (
        "给定预算，求征收、平整哪些地块可形成最多的成熟连片土地。\n\n"
        "未填写的单价与用时为假设值；结果附上界，并由独立程序按图形复核。"
    ),
    "Find the levels that grade a block at least cost, its volumes and where the soil goes.\n\n"
    "TERRAIN is a GeoTIFF or an ASCII grid of heights. The cost stands beside that of the single\n"
    "best plane; volumes are computed by grid and by prisms.": (
        "求地块平整的最省标高、土方量与调配。\n\n"
        "TERRAIN 为 GeoTIFF 或 ASCII 高程格网。费用与单一最优平面对照；\n\n"
        "土方量按方格网和三棱柱分别计算。"
    ),
    "Code of the zone to plan for.": "片区编号。",
    "Budget [10,000 yuan].": "预算（万元）。",
    "Land quota [mu]; else what the ledger has left.": "用地指标（亩）；不填则按台账余额。",
    "Set no limit of land quota.": "不限用地指标。",
    "Size from which a block counts in the plan [mu].": "连片达标面积（亩）。",
    "Most land in such blocks, most such blocks, or the largest single block.": (
        "达标连片面积最大、块数最多，或单个连片地块最大。"
    ),
    "Approval and expropriation [CNY/mu].": "报批征收（元/亩）。",
    "Compensation [CNY/mu].": "征地补偿（元/亩）。",
    "Levelling [CNY/mu].": "平整（元/亩）。",
    "Road to the parcel [CNY/mu].": "通路（元/亩）。",
    "Day by which all land has to be ready.": "全部地块须在该日前成熟。",
    "Approval and expropriation take this long [months].": "报批征收所需时间（月）。",
    "Compensation takes this long [months].": "补偿所需时间（月）。",
    "Levelling takes this long [months].": "平整所需时间（月）。",
    "The road takes this long [months].": "通路所需时间（月）。",
    "Code of a parcel that the plan must hold.": "方案必须包含的地块编码。",
    "Budgets of the curve; 0 for none.": "预算曲线的档数；0 为不计算。",
    "Time for the search [s].": "求解时限（秒）。",
    "Block of ready land, by its code.": "成熟连片地块编码。",
    "Codes of parcels, separated by commas, in place of a block.": (
        "地块编码，逗号分隔，代替连片地块。"
    ),
    "Frame of the terrain, if the file tells none (EPSG:4547).": (
        "地形文件未注明坐标系时填写（如 EPSG:4547）。"
    ),
    "Unit of the heights, if the file tells none: m, ft, cm.": (
        "文件未注明时的高程单位：m、ft、cm。"
    ),
    "One platform, a grid of them, or terraces down the fall.": (
        "单一台地、矩形网格，或顺坡台阶。"
    ),
    "Number of terraces.": "台阶数。",
    "Least width of a terrace [m].": "台阶最小宽度（米）。",
    "Width of a platform of the grid [m].": "网格台地面宽（米）。",
    "Depth of a platform of the grid [m].": "网格台地进深（米）。",
    "Turn of the grid from east [degrees].": "网格自正东的转角（度）。",
    "Steepest slope of a platform [%].": "台地最大坡度（%）。",
    "Lowest level, drainage or flood [m].": "最低标高，排水或防洪（米）。",
    "Largest step between platforms [m].": "相邻台地最大高差（米）。",
    "Whether no soil may come in or leave the block.": "土方是否必须场内平衡。",
    "Cutting [CNY/m³].": "挖土（元/立方米）。",
    "Filling [CNY/m³].": "填土（元/立方米）。",
    "Hauling [CNY/(m³·km)].": "运土（元/立方米·公里）。",
    "Retaining a step [CNY/m²].": "挡墙（元/平方米）。",
    "Loose volume of 1 m³ in place.": "松散系数（松方/自然方）。",
    "Compacted volume of 1 m³ in place.": "压实系数（压实方/自然方）。",
    "Way driven by straight distance.": "绕行系数（路程/直线距离）。",
    "Borrow pit or dump: name,borrow|dump,longitude,latitude,CNY/m³,m³; may be repeated.": (
        "取土场或弃土场：名称,取土|弃土,经度,纬度,元/立方米,立方米；可重复。"
    ),
    "Folder for the grid of cut and fill, its picture, and the platforms.": (
        "保存挖填格网、图片和台地图层的文件夹。"
    ),
    "Make an account, or give an account a new password or a role.\n\n"
    "A new account administers the whole workspace, unless --role says what it may do. A password\n"
    "is made up unless it is read from input; an account that gets a role keeps its own.": (
        "开设账号，或给账号换新密码、授予角色。\n\n"
        "新账号默认为整个工作区的管理员；用 --role 可指定其角色。\n\n"
        "密码默认自动生成；给已有账号授予角色时不改其密码。"
    ),
    "Carry out what waits in the queue of a workspace until Ctrl-C.\n\n"
    "``zonewright serve`` starts one by itself; more may run at once, also on other machines.": (
        "执行工作区队列中等待的任务，按 Ctrl-C 结束。\n\n"
        "zonewright serve 会自带一个；也可另开多个，包括在其他机器上。"
    ),
    "Serve the desk of a workspace until Ctrl-C.": "打开工作台，按 Ctrl-C 结束。",
    "Write the whole workspace to one file, while others go on working in it.\n\n"
    "FILE may be a folder (the present one by default): the backup is then named after the\n"
    "workspace and the time. A name that ends with a slash is a folder, made if it is missing.\n"
    "The backup holds accounts and attachments: keep it where only you can read it.": (
        "把整个工作区写成一个备份文件，期间其他人可继续工作。\n\n"
        "FILE 可为文件夹（默认当前文件夹），文件名取工作区名加时刻；\n\n"
        "以斜杠结尾即为文件夹，没有则新建。\n\n"
        "备份含账号和附件：请存放在只有您能读取的位置。"
    ),
    "Make WORKSPACE from a backup and compare every table; nothing is ever overwritten.\n\n"
    "WORKSPACE is a file that does not exist yet, or the address of an empty PostgreSQL database:\n"
    "so a workspace also moves from a file to PostgreSQL and back. Everybody signs in anew.": (
        "由备份新建工作区并逐表核对；绝不覆盖已有内容。\n\n"
        "WORKSPACE 为尚不存在的文件，或空的 PostgreSQL 数据库地址：\n\n"
        "工作区也可借此在文件与 PostgreSQL 之间迁移。所有人需重新登录。"
    ),
    "Examine the machine and, if named, a workspace; nothing is changed without --upgrade.": (
        "检查本机和工作区（如指定）；不写 --upgrade 则不作改动。"
    ),
    # options
    "End when nothing waits any more.": "没有等待的任务时即结束。",
    "Leave background runs to `zonewright worker`.": "后台任务交由 zonewright worker 执行。",
    "Keep only this many backups of the workspace in the folder; the oldest are removed.": (
        "文件夹中只保留该工作区最近的若干个备份，更早的删除。"
    ),
    "Language of tables and messages; by default that of the terminal.": (
        "表格和提示的语言；默认随终端。"
    ),
    "Show the version and exit.": "显示版本并退出。",
    "Show this message and exit.": "显示帮助并退出。",
    "Print JSON for programs.": "输出 JSON，供程序使用。",
    "Show what the workspace knew on that day (or time, UTC).": "按该日（或 UTC 时刻）的状态显示。",
    "Also play a year of monthly returns by five zones; their workbooks are kept in a folder.": (
        "同时演示五个片区一年的月报填报，所用工作簿存入文件夹。"
    ),
    "Address that the desk listens at.": "工作台监听的地址。",
    "Port that the desk listens at.": "工作台监听的端口。",
    "Folder of the demo's files, workspace and report.": "存放示例文件、工作区和报告的文件夹。",
    "Stop before the desk is served.": "不打开工作台。",
    "Begin with a new workspace, in place of an earlier one.": "重建工作区，替换先前的示例。",
    "Seed of the synthetic data.": "合成数据的随机种子。",
    "Name of the workspace, shown on every page.": "工作区名称，每页都显示。",
    "The name in English.": "英文名称。",
    "Whose value wins where file and workspace both changed since the export.": (
        "导出后两边都改过的值以哪边为准。"
    ),
    "Also check codes and balances against this workspace.": "并与该工作区核对编号和余额。",
    "Only the figures of this zone.": "只列该片区的指标（填编号）。",
    "Month up to which it is counted, 2023-10; the latest by default.": (
        "截至月份，如 2023-10；默认最近一月。"
    ),
    "Only the targets of this zone.": "只列该片区的目标（填编号）。",
    "Year of the targets; the latest that has any by default.": (
        "目标年度；默认为有目标的最近一年。"
    ),
    "Only this zone and what lies below it.": "只列该片区及其下级（填编号）。",
    "Only the sums: targets whose parts do not add up.": "只看合计：列出分解不平的目标。",
    "Only this zone; with --indicator, whether it has a target or not.": (
        "只列该片区（填编号）；与 --indicator 同用时，无目标也可预测。"
    ),
    "Only this indicator (its code).": "只列该指标（填代码）。",
    "Last month that counts as known, 2023-10; the latest by default.": (
        "已知的最后一个月，如 2023-10；默认为最近的月份。"
    ),
    "Code of the zone of a workspace.": "工作区内的片区编号。",
    "Layer of the file, if it has several.": "文件的图层；有多个图层时须指定。",
    "Condition in SQL that a ready parcel of the file meets.": "文件中成熟地块须满足的 SQL 条件。",
    "Column that names the parcels of the file.": "文件中作为地块编号的字段。",
    "Frame of the file's coordinates, if it tells none (EPSG:4547).": (
        "文件未注明坐标系时的坐标系（如 EPSG:4547）。"
    ),
    "Shortest common edge that joins two parcels of the file [m].": (
        "文件地块相连的最小共边长度（米）。"
    ),
    "How far apart two drawings of one edge of the file may run [m].": (
        "文件中同一条边两次绘制的容差（米）。"
    ),
    "Widest gap between parcels across which they are joined as well [m]; of a workspace only"
    " over its roads and canals.": "地块之间可跨越相连的最大间隙（米）；工作区内仅限跨道路、渠道。",
    "What counts in a zone: land levelled by its stage, or ready to supply.": (
        "片区内按哪种口径：levelled 连片净地（只看阶段），supply 可供成片地块。"
    ),
    "Roads and canals that may lie in a gap; without, any gap is bridged.": (
        "间隙中允许的道路、渠道；不给则任何间隙都可跨越。"
    ),
    "Kinds of strips that may be bridged (road,canal).": "可跨越的条带类别（road,canal）。",
    "Rivers, expressways and railways that no block reaches across.": (
        "连片不得跨越的河流、高速公路、铁路。"
    ),
    "Areas in which no parcel is ready, and that no block reaches across.": (
        "管控区：其中的地块不计为成熟，连片也不得跨越。"
    ),
    "Widest gap over a road or canal across which land is joined as well [m].": (
        "可跨道路、渠道相连的最大间隙（米）。"
    ),
    "Cost in place of an assumed one, for each mu (level_cny_mu=52000).": (
        "替换假设单价，元/亩（level_cny_mu=52000）。"
    ),
    "List the parcels of each block of the file (JSON).": (
        "列出文件中每个连片地块所含地块（JSON）。"
    ),
    "New geographic file to which the blocks of the file are written (blocks.gpkg).": (
        "把文件的连片地块写入新的地理文件（如 blocks.gpkg）。"
    ),
    "Day; today if not given.": "日期，如 2023-10-31；默认今天。",
    "Day; if not given today, or of old data the last on which they are called.": (
        "日期，如 2024-01-31；默认今天；数据已久未更新的，默认最近上报月份的次月末。"
    ),
    "Size from which a block counts [mu].": "达标面积下限（亩）。",
    "Only the quota of this zone and of the zones in it.": (
        "只列该片区及其下级片区的指标（填编号）。"
    ),
    "Smallest block to list [mu].": "连片面积下限（亩）。",
    "Folder to write to; this one if not given.": "写入的文件夹；默认当前文件夹。",
    "Only this format; may be given more than once.": "只写该格式；可多次给出。",
    "Only this language; may be given more than once.": "只写该语言；可多次给出。",
    "GeoPackage to be written, NAME.gpkg.": "要写出的文件，以 .gpkg 结尾。",
    "Day whose zone boundaries and parcel stages are written; today if not given.": (
        "以哪一天的边界和阶段为准；默认今天。"
    ),
    "Replace the file if it exists.": "文件已存在时覆盖。",
    "First bring the workspace up to this version; make a backup before.": (
        "先把工作区升级到本版本；请先备份。"
    ),
    "Read the password from standard input.": "从标准输入读取密码。",
    "Give the account this role; may be called again for more.": (
        "授予该角色；可再次执行以授予更多。"
    ),
    "Code of the role's zone; the whole workspace if not given.": (
        "角色所在片区的编号；不填则为整个工作区。"
    ),
    "Hierarchy that says what lies in the zone; every one if not given.": (
        "按哪种隶属体系包含下级片区；不填则为全部体系。"
    ),
}
_TERMS = (
    ("Usage: ", "用法："),
    ("Options:", "选项："),
    ("Commands:", "命令："),
    ("[default: ", "[默认："),
    ("[required]", "[必填]"),
    ("Show this message and exit.", HELP["Show this message and exit."]),
    ("Show the version and exit.", HELP["Show the version and exit."]),
)
_MISTAKES = tuple(
    (re.compile(pattern), chinese)
    for pattern, chinese in (
        (r"No such command '(.*)'\.", "没有命令“{0}”"),
        (r"No such option:? '?([^' ]+)'?\..*", "没有选项 {0}"),
        (r"\w+ '(.*)' does not exist\.", "“{0}”不存在"),
        (r"\w+ '(.*)' is not readable\.", "“{0}”没有读取权限"),
        (r"\w+ '(.*)' is not writable\.", "“{0}”没有写入权限"),
        (r"\w+ '(.*)' is a directory\.", "“{0}”是文件夹，这里要文件"),
        (r"\w+ '(.*)' is a file\.", "“{0}”是文件，这里要文件夹"),
        (r"'(.*)' is not a valid (?:integer|float)\.", "“{0}”不是数字"),
        (r"'(.*)' is not one of (.*)\.", "“{0}”不在可选值 {1} 之中"),
        (r"(.*) is not in the range (.*)\.", "{0} 不在范围 {1} 之内"),
        (r"(.*) is not a date; write (.*)", "“{0}”不是日期；请写成 2023-11-30"),
        (r"Option '(.*)' requires an argument\.", "选项 {0} 后面要有值"),
        (r"Got unexpected extra arguments? \((.*)\)", "多出参数 {0}（带空格的名称请加引号）"),
    )
)


def words_of(text: str) -> str:
    """Return a help page with click's own words in Chinese."""
    for english, chinese in _TERMS:
        text = text.replace(english, chinese)
    return text


def mistake(error: click.UsageError) -> str:
    """Return in Chinese what is wrong with how a command was called, and where its help is."""
    if isinstance(error, click.MissingParameter):
        kind = "选项" if error.param and error.param.param_type_name == "option" else "参数"
        text = f"缺少{kind} {_name(error)}"
    else:
        text = next(
            (
                chinese.format(*found.groups())
                for pattern, chinese in _MISTAKES
                if (found := pattern.fullmatch(error.message))
            ),
            error.format_message(),
        )
        if isinstance(error, click.BadParameter) and _name(error):
            text = f"{_name(error)}：{text}"
    called = error.ctx.command_path if error.ctx else "zonewright"
    return f"{text}。用法见 {called} --help"


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return ""
    return (
        error.param.opts[-1]
        if error.param.opts[0].startswith("-")
        else str(error.param.human_readable_name)
    )
