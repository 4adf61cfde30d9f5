"""The words that `eval.mutations` exchanges for each other."""

_MONTHS = "January February March April May June July August September October November December"
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday"
_NUMBERS = """
two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty hundred thousand
"""
_NOT_NAMES = """
I The This That These It He She They We You If In On At For And But Or As A An To By How Yes No Not Can
"""
MONTHS = tuple(_MONTHS.split())
WEEKDAYS = tuple(_WEEKDAYS.split())
NUMBERS = tuple(_NUMBERS.split())
NOT_NAMES = frozenset(_NOT_NAMES.split())
UNITS = {
    "seconds": "minutes", "minutes": "hours", "hours": "days", "days": "weeks", "weeks": "months",
    "months": "years", "years": "months", "year": "month", "day": "week", "hour": "day", "month": "year",
    "percent": "per mille", "million": "billion", "billion": "million", "thousand": "million",
    "kilometers": "miles", "kilometres": "miles", "miles": "kilometres", "km": "miles", "meters": "feet",
    "metres": "feet", "feet": "metres", "kg": "tonnes", "tons": "kilograms", "inches": "feet",
    "people": "families", "employees": "teams",
}  # fmt: skip
CONTRACTIONS = {
    "is": "isn't", "are": "aren't", "was": "wasn't", "were": "weren't", "can": "can't", "could": "couldn't",
    "will": "won't", "would": "wouldn't", "has": "hasn't", "had": "hadn't", "have": "haven't",
    "does": "doesn't", "did": "didn't", "must": "mustn't", "should": "shouldn't",
}  # fmt: skip
_OPPOSITES = """
before|after  above|below  more|less  at least|at most  increase|decrease  increased|decreased
increases|decreases  increasing|decreasing  higher|lower  highest|lowest  larger|smaller
largest|smallest  greater|smaller  allowed|forbidden  permitted|prohibited  required|optional
accepted|rejected  approved|rejected  include|exclude  includes|excludes  included|excluded
including|excluding  internal|external  inside|outside  public|private  always|never  often|rarely
with|without  minimum|maximum  first|last  early|late  earlier|later  open|closed  start|end
possible|impossible  legal|illegal  successful|unsuccessful  able|unable  equal|unequal  may|may not
must|must not  should|should not  can|cannot  long|short  longer|shorter  north|south  east|west
northern|southern  eastern|western  positive|negative  strong|weak  rich|poor  won|lost  bought|sold
new|old  all|none  most|few  major|minor  rise|fall  gain|loss  paid|unpaid  safe|unsafe
no more than|at least
"""
FLIPS = {
    one: other
    for pair in _OPPOSITES.replace("\n", "  ").split("  ")
    if pair
    for one, other in (pair.split("|"), pair.split("|")[::-1])
}
"""A word or phrase and its opposite."""
