"""The words by which people answer, correct and steer, as tables; read before any model where a question waits.

Each table is a regular expression over the whole stripped message (`fullmatch`) unless its name says "in".
"""

import re

_END = r"[\s。.!！~～,，、?？吧呢啊呀哦哈了的啦嘞]*"

YES = re.compile(
    r"(对(的|头|滴|了|呀|啊|哒)?|对对+|是(的|呀|啊|这样|这个|哒|滴)?|是是+|没错|正确|可以|行|好(的|呀|吧|嘞|滴)?|好好+|嗯+|恩+|确认|确定|同意|"
    r"没问题|没毛病|就这样|就是这样|就是这个|就是它|报吧|提交|报上去|中|得|要得|得嘞|係|系|冇错|啱|ok|okay|yes|y|yep|sure|right|correct|1|👌|👍|✅"
    rf"){_END}",
    re.I,
)
NO = re.compile(
    r"(不对|不是(的)?|错了|不|否|没有|不是这样|不是这个|不同意|不行|不可以|唔係|唔系|唔啱|no|n|nope|wrong|不是同一件(事)?|都不是|两码事|不一样|👎|❌"
    rf"){_END}",
    re.I,
)
CHANGE = re.compile(rf"(改|修改|改一下|改改|要改|更改|我要改|我改一下|有错|需要改|change|edit){_END}", re.I)
CANCEL = re.compile(
    r"(?:(?:那|我)?(?:取消|算了|不报了|不用了|不要了|撤了|不弄了|不办了|别报了|不说了|不想报了|没事了|当我没说|不等了|"
    r"算喇|唔使了|cancel|stop|never ?mind|forget it|/cancel)[吧,，。\s]*)+"
    rf"{_END}",
    re.I,
)
SKIP = re.compile(
    r"(跳过|不清楚|不知道|不晓得|说不清|没有|不留|不想留|不方便|不想说|不用留|先不留|不用|不填|无|略|唔知|"
    rf"skip|don'?t know|no thanks|none|pass){_END}",
    re.I,
)
APPLY_YES = re.compile(rf"(我?(现在|就|要|想)*(申请|办理?|开始办|报)(一下|吧)?|开始|apply( now)?){_END}", re.I)
HUMAN = re.compile(
    r"(请|帮我|我要|我想|给我)?(转|找|要|接|叫)?(一下|个)?"
    r"(人工(客服|坐席|服务)?|真人|客服|坐席|工作人员|活人|你们领导|"
    r"human|agent|operator|a person|real person|talk to (a )?(human|person))"
    rf"{_END}",
    re.I,
)
HELP = re.compile(rf"(/?help|/?start|帮助|怎么用|你能干啥|你能做什么|能干什么|功能|菜单|使用说明|开始){_END}", re.I)
TO_ENGLISH = re.compile(
    r"(/lang(uage)? +en\w*|english|in english( please)?|speak english|说英语|英文|英语|切换英文)[.!。！]*", re.I
)
TO_CHINESE = re.compile(r"(/lang(uage)? +(zh|cn)\w*|chinese|中文|说中文|切换中文|汉语|普通话)[.!。！]*", re.I)
LANGUAGE = re.compile(r"/lang(uage)?|language|语言|切换语言", re.I)
BIG_TEXT = re.compile(
    r"(大字(版|号)?|字(太|有点)小.*|老年版|长辈版|看不清字?|大字体|/big|big(ger)? text|large text)[。.!！]*", re.I
)
FORGET = re.compile(
    r".{0,6}(忘记我|忘掉我|(删除|删掉|清除|清空|注销)(我|本人)的?(所有|全部|个人)?(信息|资料|数据|记录|账号|帐号)|"
    r"forget me|delete my (data|information|account)).{0,6}",
    re.I,
)
APPOINTMENT = re.compile(
    r"(?:我|想|要|请|帮|能|可以|可不可以|给|先)*(?:预约|约个?号|约个?时间|挂个?号|book|make an appointment).{0,20}",
    re.I,
)
NO_CONTACT = re.compile(
    rf"(别|不要|不用|不必)(再)?(联系|打扰|打电话|发)(我)?{_END}|(don't|do not) contact me{_END}", re.I
)
MY_APPOINTMENTS = re.compile(rf"(我的预约|我约了什么|my appointments?){_END}", re.I)
APPOINTMENT_OFF_IN = re.compile(r"取消.{0,4}预约|预约.{0,4}(?:取消|不去了|退了)|cancel (?:my |the )?appointment", re.I)
VOLUNTEER_IN = re.compile(
    r"(?:(?:想|要|请|帮我|给我|能不能)*(?:找|要|来|请|派)(?:个|位|一下)?)?(?:志愿者|志愿服务|义工|volunteers?)", re.I
)
PAPERS = re.compile(rf"(?:我|来|想|要|现在)*补(?:交|充|一下|个)?(?:申请|办件)?材料{_END}|add papers{_END}", re.I)
MINE = re.compile(r"(我的(诉求|工单|案件|单子|办件|事情|记录)|/mine|my cases)[。.!！]*", re.I)

ANONYMOUS_IN = re.compile(
    r"匿名|别说是我|不要(透露|说出|公开)我|保密.{0,4}(身份|名字|姓名)|别(让|叫).{0,6}知道是我|anonymous", re.I
)
_OFFICE = (
    r"(?P<who>(?:物业(?:公司)?(?:的)?(?:经理|主任|保安|人员)?|网格(?:员|长)|社区(?:书记|主任|工作人员|干部)|居委会(?:主任)?|"
    r"村(?:支书|主任|长)|街道(?:办)?(?:主任|书记|工作人员)|城管(?:队员)?|窗口(?:工作人员|人员)?|工作人员|保安|业委会(?:主任)?|"
    r"办事员|接线员|客服|协管员)[\u4e00-\u9fff·]{0,4}?)"
)
_CONDUCT = (
    r"收[了过我]?(?:黑|好处|红包)?[钱费礼]|受贿|索贿|索要|要好处|吃拿卡要|回扣|贪|挪用|态度|骂|打人|动手|推搡|威胁|恐吓|报复|刁难|欺负|"
    r"不办事|不作为|乱作为|推诿|踢皮球|敷衍|糊弄|偷懒|失职|渎职|包庇|勾结|偏袒|以权|滥用|泄露|违规|违纪|乱收|骗|脱岗|喝酒|不理人|凶"
)
_ACCUSED = (
    re.compile(
        r"(?:投诉|举报|告|反映|反应|检举|complain about)\s*(?:一下|下)?\s*"
        rf"(?:你们|我们|这个|那个|咱们|社区|小区|街道)?的?{_OFFICE}"
        r"(?=[，,。！!？?\s:：]|$|态度|收|乱|不|没|推|骂|打|吃|拿|他|她|总|老|一直|天天|把|的|对|服务|敷衍|刁难|索|违|滥)"
    ),
    re.compile(rf"{_OFFICE}(?=[^。！!？?\n]{{0,12}}?(?:{_CONDUCT}))"),
)
CONDUCT_IN = re.compile(_CONDUCT)


def accused_in(text: str) -> str:
    """Whom a text complains about, by office and name as it was said; "" when about nobody of ours."""
    found = next((match for match in (pattern.search(text) for pattern in _ACCUSED) if match), None)
    return found["who"].strip() if found is not None else ""


CORRECTION_IN = re.compile(
    r"(?:不对[，,。\s]*)?不是(?P<old>[^，,。;；\n]{1,20}?)[，,。、\s]*(?:而是|应该是|应当是|是|係)(?P<new>[^，,。;；\n]{1,30})",
    re.I,
)
PLACE_CHANGE_IN = re.compile(
    r"(?:地址|地点|位置|地方)(?:说|写|弄|搞)?(?:错了)?[，,]?\s*(?:改成|改为|换成|应该是|应是|是|在|改到)?\s*[:：]?\s*(?P<new>.{2,40})"
)
PHONE_CHANGE_IN = re.compile(r"(电话|手机|号码|联系方式|phone).{0,6}(换成|改成|改为|变成|是|to|换)", re.I)
MORE_IN = re.compile(r"^\s*(还有(一件|个事|个)?|另外|对了|再有|再说一个|顺便|also|another)[,，、:：\s]*", re.I)
COUNTED_IN = re.compile(r"^\s*(第?[一二三四五1-5][、.．)）,，]|[①②③④⑤])\s*")
NOT_THIS_IN = re.compile(r"都不是|不是这些|其他|别的|none of|other", re.I)
QUESTION_IN = re.compile(
    r"[?？]\s*$|吗[?？。]?$|怎么|几点|多少|哪里|哪儿|什么时候|能不能|可不可以|为什么|how|what|when|where", re.I
)
PLACE_SAY = re.compile(r"^(就?(是|在)|地址(是|在)?|位置(是|在)?|我?(家|住)?在|那?就?在)\s*[:：]?\s*|[。.!！~吧呢啊]+$")

CHANNEL_NUMBER = re.compile(
    r"\s*(?:选|第|我选|no\.?)?\s*[（(]?\s*(?P<n>[1-9１-９一二三四五六七八九①②③④⑤⑥⑦⑧⑨])\s*[）)\.、．。个条项件]*\s*",
    re.I,
)
_DIGITS = {**{c: i % 9 + 1 for i, c in enumerate("123456789１２３４５６７８９一二三四五六七八九①②③④⑤⑥⑦⑧⑨")}}


def number_said(text: str) -> int | None:
    """The place in a list that a message names ("2", "第二个", "选2"), else None."""
    found = CHANNEL_NUMBER.fullmatch(text)
    return _DIGITS[found["n"]] if found else None


HAPPY = re.compile(
    r"(五星|5星|非常满意|很满意|满意|特别好|很好|挺好|不错|点赞|好评|五分|5分|satisfied|great|good|excellent|谢谢.{0,6}满意.*|⭐{4,5}|👍+)"
    + _END,
    re.I,
)
SO_SO = re.compile(r"(三星|3星|一般(般)?|还行|凑合|还可以|马马虎虎|三分|3分|so ?so|okay|average|⭐{3})" + _END, re.I)
UNHAPPY = re.compile(
    r"(一星|1星|两星|2星|不满意|很不满意|非常不满意|差评|太差|很差|差劲|一分|1分|unhappy|bad|terrible|dissatisfied|⭐{1,2})"
    + _END,
    re.I,
)
SOLVED = re.compile(
    r"(已?经?(解决|修好|弄好|处理好|好|搞定|亮|通|干净)了|解决啦?|可以了|没问题了|修好了|搞定|solved|fixed|done)"
    + _END,
    re.I,
)
UNSOLVED = re.compile(
    r"(还?(没|没有|未)(解决|修好?|弄好?|处理好?|好|人来|来|亮|通).{0,12}|(根本|压根)(没|就没).{0,14}|"
    r"还是(老样子|不行|不亮|漏|堵|那样|没好?).{0,10}|又坏了.{0,6}|not (solved|fixed|done).*)",
    re.I,
)

KIND_IN = (
    ("complaint", re.compile(r"投诉|态度|乱收费|扰民|吵|噪音|没人[管收清扫]|敷衍|推诿|欺骗|坑人|complain", re.I)),
    ("report", re.compile(r"举报|检举|揭发|违建|违法|偷排|无证", re.I)),
    ("repair", re.compile(r"坏|不亮|漏|堵|断|破|裂|掉|修|停水|停电|没水|没电|不热|松动|塌|broken|leak", re.I)),
    ("help", re.compile(r"求助|帮帮|帮忙|求求|困难|没人照顾|救济|help", re.I)),
)

WORK = (
    ("accept", re.compile(r"(签收|接单|收到|我接了?|接了|好的?我去|accept)" + _END, re.I)),
    ("on_the_way", re.compile(r"(路上了?|出发了?|在路上|马上到|这就去|我去了|on the way)" + _END, re.I)),
    (
        "done",
        re.compile(
            r"(?:办好了?|办完了?|修好了?|处理好了?|处理完了?|搞定了?|弄好了?|完成了?|已处理|done)(?P<rest>.*)",
            re.I | re.S,
        ),
    ),
    ("cannot", re.compile(r"(?:办不了|处理不了|接不了|不归我管?|搞不定|退回|修不了|cannot)(?P<rest>.*)", re.I | re.S)),
    ("tasks", re.compile(r"(我的任务|任务|任务列表|待办|有(什么|啥)任务|/tasks|my tasks|tasks)" + _END, re.I)),
)
PATROL = re.compile(r"\s*(?:巡查|巡逻|巡检|上报|发现|patrol)\s*[:：,，\s]\s*(?P<what>.+)", re.I | re.S)
SELF_SETTLED_IN = re.compile(
    r"(已|当场|自行|顺手|现场)(经)?(自行)?(处理|清理|解决|劝离|整改|修好|处置|清走|扶正|settled)|已经?(清|处理|扶|劝|修|拿|搬)"
)
