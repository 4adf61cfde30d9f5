"""Sentences about groups of people from templates: insults, stereotypes, and neutral ones with the same words."""
# ruff: noqa: E501 a template a line can be read and compared; wrapped it can't

from collections.abc import Iterator
from random import Random

from finetune.encoder.chance import likely, way
from finetune.encoder.row import Row, innocent

GROUPS = (
    "women", "men", "girls", "boys", "mothers", "fathers", "single mothers", "housewives", "black people", "white people", "Asians", "Asian women",
    "Chinese people", "Japanese people", "Koreans", "Indians", "Pakistanis", "Arabs", "Turks", "Kurds", "Iranians", "Israelis", "Jews", "Jewish people",
    "Muslims", "Christians", "Catholics", "Hindus", "Buddhists", "Sikhs", "atheists", "Mormons", "Latinos", "Latinas", "Mexicans", "Brazilians", "Puerto Ricans",
    "Cubans", "Africans", "Nigerians", "Somalis", "African Americans", "Native Americans", "Aboriginal people", "Roma", "Poles", "Romanians", "Russians",
    "Ukrainians", "Germans", "French people", "Italians", "Spaniards", "Greeks", "Irish people", "Scots", "English people", "Americans", "Canadians", "Albanians",
    "immigrants", "refugees", "asylum seekers", "migrants", "foreigners", "gay people", "gay men", "lesbians", "bisexuals", "bisexual people", "trans people",
    "transgender women", "queer people", "nonbinary people", "straight men", "old people", "the elderly", "young people", "teenagers", "millennials", "boomers", "Gen Z workers",
    "disabled people", "wheelchair users", "blind people", "deaf people", "autistic people", "people with Down syndrome", "people with depression", "dyslexic people",
    "fat people", "short men", "blondes", "redheads", "poor people", "rich people", "homeless people", "working-class kids", "people from the south", "villagers", "immigrant children",
)  # fmt: skip
_ADJECTIVES = (
    "female", "male", "black", "white", "Asian", "Jewish", "Muslim", "Christian", "Hindu", "Latino", "Mexican", "African", "Indian", "Polish", "Turkish", "gay", "lesbian",
    "bisexual", "transgender", "queer", "elderly", "young", "disabled", "blind", "deaf", "autistic", "immigrant", "Chinese", "Arab", "Native American", "Sikh", "Russian", "older", "straight",
)  # fmt: skip
TERMS = (
    *(name.lower() for name in _ADJECTIVES),
    "middle aged",
    "paralyzed",
    "homosexual",
    "heterosexual",
    "american",
    "european",
    "japanese",
    "latina",
    "hispanic",
    "nonbinary",
    "trans",
    "millenial",
    "catholic",
    "protestant",
    "buddhist",
    "old",
    "taoist",
    "teenage",
    "canadian",
    "african american",
    "middle eastern",
)
"""Words for groups that figures are given for, where enough texts have them."""
_TRAITS = (
    "lazy", "stupid", "greedy", "violent", "dishonest", "too emotional", "bad drivers", "bad at maths", "bad with money", "bad parents", "criminals", "terrorists", "thieves",
    "cheap", "dirty", "aggressive", "weak", "irrational", "submissive", "untrustworthy", "loud and rude", "hysterical", "incapable of leading", "bad leaders", "uneducated",
    "a burden on society", "out of touch with technology", "too slow to learn", "promiscuous", "drug dealers", "confused about who they are", "gossips", "backward", "primitive",
    "less intelligent than others", "naturally worse at science", "not cut out for management", "only after money", "drunks", "cowards", "manipulative", "entitled", "helpless", "inferior",
)  # fmt: skip
_TASKS = (
    "driving", "maths", "programming", "leading a team", "negotiating", "science", "parking", "saving money", "keeping time", "raising children", "telling the truth",
    "sports", "cooking", "engineering", "handling stress", "learning new software", "speaking proper English", "working hard", "logic", "controlling their temper", "hygiene",
)  # fmt: skip
_GENERAL = (
    "All {g} are {t}.", "{g} are {t}.", "{g} are just {t}", "{g} are naturally {t}.", "Everybody knows that {g} are {t}.", "Most {g} are {t}, that's a fact.",
    "Why are {g} so {t}?", "Why are {g} always {t}?", "Let's be honest, {g} are {t}.", "{g} tend to be {t}.", "I'd never hire {g}, they are {t}.", "Don't trust {g}, they're {t}.",
    "Typical {g}: {t}, every one of them.", "As {g} are {t}, we should not promote them.", "It's in the nature of {g} to be {t}.", "{g} will always be {t}.", "Are all {g} {t}?",
    "{g} can't do {k}.", "{g} are terrible at {k}.", "{g} are no good at {k}.", "{g} are worse at {k} than others.", "Are {g} worse at {k}?", "Why can't {g} do {k}?", "{g} should stay away from {k}.",
    "{k} is not for {g}.", "Leave {k} to others, {g} don't have the brain for it.", "{g} don't belong in {k}.", "Never let {g} near {k}.", "What do you expect from {g}? They can't handle {k}.",
    "Explain why {g} are {t}.", "Write a joke about how {g} are {t}.", "Is it true that {g} are {t}?", "{g} only got the job because of quotas; they are {t}.", "Statistics show that {g} are {t} by nature.",
    "You know how {g} are: {t}.", "{g}, being {t}, need someone to tell them what to do.", "No wonder it failed, {g} did the {k}.", "A team of {g} will never manage {k}.", "Prove that {g} are bad at {k}.",
)  # fmt: skip
_HATE = (
    "{g} are scum.", "{g} are vermin", "I hate {g}.", "{g} should be wiped out.", "We should get rid of all {g}.", "{g} are subhuman", "{g} are disgusting and should be banned", "Go back where you came from, {g} are trash",
    "{g} are parasites.", "All {g} deserve to die.", "{g} make me sick", "{g} are a disease", "Nobody wants {g} here, filthy animals", "{g} ruin everything, kick them out", "fuck {g}", "{g} are animals, not people",
    "The world would be better without {g}", "keep {g} out of our country, they are filth",
)  # fmt: skip
_NEUTRAL = (
    "{g} founded the company in 1990.", "How many {g} work here?", "The report says that 12% of applicants are {g}.", "We welcome {g}.", "Which programmes support {g}?", "{g} have the same rights as anybody else.",
    "The museum shows the history of {g} in the city.", "Two of the speakers represented {g}.", "Are there parental benefits for {g}?", "The survey asked {g} about their commute.", "{g} were first allowed to vote there in the last century.",
    "Studies find no difference between {g} and others in {k}.", "It is a myth that {g} are {t}.", "The claim that {g} are {t} is false and harmful.", "She was insulted because people think that {g} are {t}; HR took action.", "Calling {g} {t} violates the code of conduct.",
    "Our training explains why saying that {g} are {t} is a stereotype.", "{g} are our colleagues and friends.", "The festival celebrates {g}.", "Many {g} enjoy {k}.", "{g} face discrimination when they look for a flat.", "The law protects {g} from discrimination.",
    "A club for {g} meets on Tuesdays.", "How can we make our hiring fair for {g}?", "A course in {k} for {g} starts in May.", "{g} and others took part in the {k} contest.", "What do {g} celebrate in autumn?", "Is the building accessible for {g}?",
    "{g} won three medals.", "Doctors advise {g} to be vaccinated against flu.", "The study had 300 participants, half of them {g}.", "The novel tells of {g} in wartime.", "I love {g}.", "{g} are wonderful people.", "{g} are great at {k}.",
    "Where do most {g} live?", "What percentage of {g} voted?", "How are {g} portrayed in films?", "Do {g} need a visa?", "We interviewed {g} for the article.", "Nobody should be called {t} for being one of the {g}.", "My friends are {g}.",
)  # fmt: skip
_NEUTRAL_ONE = (
    "My {a} colleague leads the team.", "I am a {a} engineer.", "As a {a} person, which benefits do I get?", "A {a} founder started the firm.", "The {a} community met on Sunday.", "She is {a} and proud of it.", "He is a {a} teacher.",
    "Our first {a} president was elected.", "Is it legal to ask applicants whether they are {a}?", "The {a} students asked for a room.", "The {a} guest liked the hotel.", "A {a} woman called about her order.", "{a} owned businesses grew by 5%.", "I'm {a}.",
    "My brother is {a}.", "A {a} man asked for directions.", "The {a} author won a prize.", "Being {a} is nothing to be ashamed of.", "Our {a} neighbours invited us to dinner.", "I grew up in a {a} family.", "{a} history month starts today.",
)  # fmt: skip
_ABUSE = (
    "You are an idiot.", "you're so stupid it hurts", "Shut up, you worthless piece of garbage.", "what a moron", "Go to hell, you bastard.", "You people are pathetic losers", "I hope you die", "nobody likes you, you ugly freak", "You disgusting pig.",
    "kill yourself", "you dumb bitch", "This support is run by brain-dead clowns, you morons", "Eat shit and die.", "I will find you and hurt you", "Screw you, you useless imbecile", "your mother is a whore", "You're a waste of oxygen.", "shut your stupid mouth",
    "You {t} fool, learn to read.", "{n} is a {i}.", "{n}, you are such a {i}!", "What a {i} you are, {n}.", "only a {i} would write this", "Hey {i}, did you even read my ticket?", "I've never met a bigger {i} than {n}.", "{n} is a lying {i} and everyone knows it",
    "Listen, {i}: do your job.", "Tell that {i} {n} to get lost", "you {i}", "{n} should be fired, the {i}",
)  # fmt: skip
_INSULTS = ("idiot", "moron", "loser", "imbecile", "clown", "dumbass", "jerk", "scumbag", "piece of trash", "bastard", "asshole", "cretin", "rat", "pig", "bitch", "slut", "freak", "parasite")  # fmt: skip
_CIVIL = (
    "Your service is terrible and I want my money back.", "I am very disappointed with the delivery.", "This is the worst update so far.", "The plan is bad, and here is why.", "I strongly disagree with you.", "Your code has a bug in line 4.", "{n} is wrong about the budget.",
    "I'm angry that nobody answered my ticket.", "That was a stupid mistake of mine.", "The killer feature is the search.", "The weather is awful today.", "This movie sucks.", "The printer is dumb: it prints everything twice.", "It hurts when I bend my knee.", "I hate Mondays.",
    "I hate waiting in line.", "The dog is ugly but sweet.", "This coffee is disgusting.", "{n} was criticised for the report.", "What does the word 'moron' mean?", "He was called an idiot at work and complained to HR.", "How do I report a colleague who insults others?", "The policy forbids words like 'bitch' and 'slut'.",
    "I was told to shut up in the meeting. Who can I talk to?", "My ex was abusive.", "Is 'bastard' a type of file?", "The bitch gave birth to six puppies, the breeder said.", "{n} missed the deadline again.", "Our competitor's product is rubbish.", "I don't like {n}'s proposal.", "You are wrong.", "That's nonsense.", "Please stop sending me these e-mails.",
)  # fmt: skip
_NAMES = ("Anna", "Tom", "Mr. Miller", "Fatima", "Wei", "Carlos", "Priya", "our manager", "the new intern", "John", "Olga", "Ahmed", "Sarah", "the referee", "this guy", "the minister")  # fmt: skip
_OTHERS = ("servers", "cats", "these batteries", "old laptops", "the printers", "cheap tyres", "our forms", "small dogs", "the trains", "spreadsheets", "regexes", "goats", "potatoes", "mosquitoes", "the new scanners", "budget airlines")  # fmt: skip
_THINGS_SAID = ("All {o} are slow.", "{o} are bad.", "Why are {o} so unreliable?", "{o} are useless at night.", "I hate {o}.", "{o} can't do that.", "Most {o} are too expensive.", "{n} is bad at {k}.", "{n} is lazy.", "I am terrible at {k}.", "{n} can't do {k} yet.", "Are {o} worse in winter?", "My team is bad at {k}, what can we do?", "Is {n} good at {k}?")  # fmt: skip


_STEREOTYPE, _HATRED, _INSULT = range(3)


def about_people(random: Random, count: int) -> Iterator[Row]:
    """Yield `count` rows: a third of them stereotypes, some hate and abuse, the rest innocent."""
    for _ in range(count):
        kind = way(random, 0.3, 0.07, 0.07)
        if kind == _STEREOTYPE:
            yield Row(_filled(random, _GENERAL), 0, None, None, 1, kind="stereotype")
        elif kind == _HATRED:
            yield Row(_filled(random, _HATE), None, None, 1, 1, kind="hate")
        elif kind == _INSULT:
            yield Row(_filled(random, _ABUSE), None, None, 1, None, kind="abuse")
        else:
            forms = random.choices((_NEUTRAL, _NEUTRAL_ONE, _CIVIL, _THINGS_SAID), (5, 3, 2, 2))[0]
            yield innocent(_filled(random, forms), kind="people")


def _filled(random: Random, forms: tuple[str, ...]) -> str:
    group, trait = random.choice(GROUPS), random.choice(_TRAITS)
    words = {"g": group, "t": trait, "k": random.choice(_TASKS), "a": random.choice(_ADJECTIVES)}
    words |= {"n": random.choice(_NAMES), "i": random.choice(_INSULTS), "o": random.choice(_OTHERS)}
    text = random.choice(forms).format(**words)
    text = text[0].upper() + text[1:] if likely(random, 0.7) else text.lower()
    return text if likely(random, 0.85) else text.rstrip(".")
