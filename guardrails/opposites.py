"""Words that deny each other: pairs such as before and after, and prefixes such as un- in unpaid."""

from guardrails.stems import stem

_PAIRS = """
atleast atmost  before after  above below  over under  up down  more less  more fewer  maximum minimum
increase decrease  increase reduce  rise fall  grow shrink  higher lower  high low  larger smaller
large small  longer shorter  long short  earlier later  early late  first last  first second  start end
begin end  open close  allow forbid  allow prohibit  allow ban  permit forbid  permit prohibit
allowed forbidden  allowed prohibited  permitted prohibited  permitted forbidden  permit refuse
must may  required optional  mandatory optional  mandatory voluntary  compulsory voluntary
accept reject  accept refuse  approve reject  approve deny  grant deny  grant refuse  include exclude
include omit  enable disable  internal external  inside outside  public private  always sometimes
always never  often rarely  often seldom  usually rarely  all some  all none  every some  most few
with without  win lose  won lost  gain lose  buy sell  bought sold  pay receive  send receive
lend borrow  import export  arrive leave  enter leave  join leave  add remove  hire fire  succeed fail
pass fail  agree disagree  true false  right wrong  correct wrong  safe dangerous  strong weak
strengthen weaken  support oppose  positive negative  full empty  full part  north south  east west
northern southern  eastern western  left right  old new  young old  male female  man woman  men women
husband wife  son daughter  father mother  brother sister  rich poor  cheap expensive  hot cold
warm cool  fast slow  easy difficult  best worst  better worse  major minor  same different
together separately  temporary permanent  paid free  gross net  senior junior  employer employee
buyer seller  day night  morning evening  weekly monthly  monthly yearly  monthly annually  daily weekly
urban rural  domestic foreign  active inactive  expand contract  upper lower  oldest newest
largest smallest  highest lowest  longest shortest  earliest latest  majority minority  former latter
former current  only also
"""
_PREFIXES = ("un", "in", "im", "ir", "il", "dis", "non", "mis", "ab", "de")
_SHORTEST = 4  # letters of what a prefix may turn round


_MARKS = "atleast atmost before after above below over under up down must may with all every some"
MARKS = frozenset(_MARKS.split())
"""Function words that have an opposite: they carry no subject, and still change what is said."""

_WORDS = [word if word in MARKS else stem(word) or word for word in _PAIRS.split()]
_OPPOSED = frozenset(frozenset(pair) for pair in zip(_WORDS[::2], _WORDS[1::2], strict=True))


def opposed(one: str, other: str) -> bool:
    """Whether two stems (or marks) deny each other."""
    if frozenset((one, other)) in _OPPOSED:
        return True
    short, long = sorted((one, other), key=len)
    return len(short) >= _SHORTEST and any(long == prefix + short for prefix in _PREFIXES)
