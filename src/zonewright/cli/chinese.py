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
    "List the blocks of ready parcels that share edges, and are large enough, in a zone.": (
        "列出片区内共边相连、面积达标的成熟地块。"
    ),
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
    "Code of the zone.": "片区编号。",
    "Day; today if not given.": "日期，如 2023-10-31；默认今天。",
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
