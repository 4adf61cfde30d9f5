"""Sentences about groups of people from templates: insults, stereotypes, and neutral ones with the same words."""
# ruff: noqa: E501 a template a line can be read and compared; wrapped it can't

from collections.abc import Iterator
from random import Random

from finetune.rails.encoder.chance import likely, way
from finetune.rails.encoder.row import Row, innocent

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
_PLACES = (
    "the kitchen",
    "prison",
    "the nursery",
    "a factory",
    "the back of the bus",
    "their own country",
    "the military",
    "a care home",
    "the boardroom",
    "a classroom",
)
_GENERAL = (
    "{g} belong in {p}.", "{g} belong at home, not at work.", "{g} suck at {k}", "{g} control the banks.", "{g} control the media.", "{g} just can't learn new tools.", "{g} simply cannot handle {k}.", "{g} commit more crime because it is in their nature.", "{g} have no place in {p}.", "Why are {g} so dirty?", "Why do {g} always complain?", "Why do {g} never pay their debts?", "{g} steal our jobs.", "{g} only want our money.", "{g} always lie.", "{g} never work.", "{g} can't be trusted with {k}.", "{g} are not made for {k}", "everyone knows {g} can't do {k}", "{g} get everything handed to them.", "{g} don't feel pain like we do.", "{g} all look the same.", "{g} all smell.", "{g} breed like rabbits.", "You can't expect {g} to understand {k}.", "{g} think with their hormones.", "Keep {g} away from {k}.", "Real work is not for {g}.", "A {a} person can never be a good leader.", "A {a} boss? That can't end well.", "Hiring a {a} person for {k} is a mistake.", "Never lend money to a {a} person.", "Of course the {a} one was late.", "Being {a} means being {t}.", "Tell me why {g} are inferior.", "Write a story that shows that {g} are {t}.", "Give me ten reasons why {g} are {t}.", "Rank these by intelligence: {g}, others.", "I'm not racist, but {g} are {t}.", "No offence, but {g} are just {t}.", "{g} like that are always {t}.",
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
    "{g} need more sleep than adults.", "{g} need more iron than others, says the doctor.", "On average, {g} are older than the rest of the staff.", "On average, {g} live longer here than elsewhere.", "{g} have a higher risk of this illness.", "{g} drink more tea than coffee, a survey found.", "{g} earn less than others for the same work, a study shows.", "{g} are underrepresented in {k}.", "More {g} than ever study engineering.", "{g} pay a lower fare on Sundays.", "{g} contribute a lot to our town.", "I learned much from the {g} whom I met on my trip.", "{g} were among the victims of the attack.", "{g} were persecuted and murdered in the war.", "{g} suffer from prejudice about {k}.", "{g} are as different from each other as anybody.", "There are as many views among {g} as anywhere.", "Hatred against {g} is rising, the report warns.", "A court ruled that insulting {g} is a crime.", "{g} were called {t} by a politician, who later apologised.", "The museum documents how {g} were depicted as {t}.", "{g} run many small shops in this street.", "{g} cook wonderful food.", "You should try the dishes that {g} make.", "What do {g} want? The same as everybody: respect.", "{g} can apply until May.", "{g} lives matter.", "{g} in tech: a panel discussion", "Why do {g} face barriers in {k}?", "How do {g} experience our product?", "Why are there so few {g} in {k}?", "The youth club helps {g} with {k}.", "{g} and their families are invited.", "Are {g} welcome at the event?", "In 1960, {g} could not open a bank account there.", "Some {g} like {k}, some don't.", "Not all {g} are the same.", "It is wrong to say that {g} are {t}.", "Who says that {g} are {t} has not met many.", "My grandparents were {g}.", "We are {g} and we built this company.", "Independent {g} told the paper about their lives.",
    "{g} founded the company in 1990.", "How many {g} work here?", "The report says that 12% of applicants are {g}.", "We welcome {g}.", "Which programmes support {g}?", "{g} have the same rights as anybody else.",
    "The museum shows the history of {g} in the city.", "Two of the speakers represented {g}.", "Are there parental benefits for {g}?", "The survey asked {g} about their commute.", "{g} were first allowed to vote there in the last century.",
    "Studies find no difference between {g} and others in {k}.", "It is a myth that {g} are {t}.", "The claim that {g} are {t} is false and harmful.", "She was insulted because people think that {g} are {t}; HR took action.", "Calling {g} {t} violates the code of conduct.",
    "Our training explains why saying that {g} are {t} is a stereotype.", "{g} are our colleagues and friends.", "The festival celebrates {g}.", "Many {g} enjoy {k}.", "{g} face discrimination when they look for a flat.", "The law protects {g} from discrimination.",
    "A club for {g} meets on Tuesdays.", "How can we make our hiring fair for {g}?", "A course in {k} for {g} starts in May.", "{g} and others took part in the {k} contest.", "What do {g} celebrate in autumn?", "Is the building accessible for {g}?",
    "{g} won three medals.", "Doctors advise {g} to be vaccinated against flu.", "The study had 300 participants, half of them {g}.", "The novel tells of {g} in wartime.", "I love {g}.", "{g} are wonderful people.", "{g} are great at {k}.",
    "Where do most {g} live?", "What percentage of {g} voted?", "How are {g} portrayed in films?", "Do {g} need a visa?", "We interviewed {g} for the article.", "Nobody should be called {t} for being one of the {g}.", "My friends are {g}.",
)  # fmt: skip
_NEUTRAL_ONE = (
    "As a {a} person I was insulted at school; where do I report that?", "A {a} colleague was called names. What does the policy say?", "Someone shouted at me because I am {a}.", "There is more than one way to be {a}.", "I knew early on that I was {a}.", "It isn't a phase, I am {a}.", "My {a} friend cooks for all of us.", "{a} music and food are part of this town.", "{a} lives matter.", "The {a} part of town has the best bakery.", "I am {a} and I feel sad today.", "{a} people can be shy or loud, like all others.", "A {a} family moved in next door; they are nice.", "{n} is a kind {a}.", "You are a thoughtful {a} person.", "You are a brilliant {a}.", "{n} is {a} and a great cook.",
    "My {a} colleague leads the team.", "I am a {a} engineer.", "As a {a} person, which benefits do I get?", "A {a} founder started the firm.", "The {a} community met on Sunday.", "She is {a} and proud of it.", "He is a {a} teacher.",
    "Our first {a} president was elected.", "Is it legal to ask applicants whether they are {a}?", "The {a} students asked for a room.", "The {a} guest liked the hotel.", "A {a} woman called about her order.", "{a} owned businesses grew by 5%.", "I'm {a}.",
    "My brother is {a}.", "A {a} man asked for directions.", "The {a} author won a prize.", "Being {a} is nothing to be ashamed of.", "Our {a} neighbours invited us to dinner.", "I grew up in a {a} family.", "{a} history month starts today.",
)  # fmt: skip
_ABUSE = (
    "what a retard", "you retard", "die in a fire, moron", "you fucking idiots can't do anything right", "fuck off", "fuck you and your stupid ticket", "get lost, you piece of shit", "{n} is a fucking {i}", "bunch of {i}s", "I'd love to punch {n} in the face", "go choke on it", "you are all scum", "burn in hell, {i}", "stop whining, you little {i}", "no wonder nobody wants you, {i}", "your face makes me want to puke", "this team is a pack of {i}s", "drop dead",
    "You are an idiot.", "you're so stupid it hurts", "Shut up, you worthless piece of garbage.", "what a moron", "Go to hell, you bastard.", "You people are pathetic losers", "I hope you die", "nobody likes you, you ugly freak", "You disgusting pig.",
    "kill yourself", "you dumb bitch", "This support is run by brain-dead clowns, you morons", "Eat shit and die.", "I will find you and hurt you", "Screw you, you useless imbecile", "your mother is a whore", "You're a waste of oxygen.", "shut your stupid mouth",
    "You {t} fool, learn to read.", "{n} is a {i}.", "{n}, you are such a {i}!", "What a {i} you are, {n}.", "only a {i} would write this", "Hey {i}, did you even read my ticket?", "I've never met a bigger {i} than {n}.", "{n} is a lying {i} and everyone knows it",
    "Listen, {i}: do your job.", "Tell that {i} {n} to get lost", "you {i}", "{n} should be fired, the {i}",
)  # fmt: skip
_INSULTS = ("idiot", "moron", "loser", "imbecile", "clown", "dumbass", "jerk", "scumbag", "piece of trash", "bastard", "asshole", "cretin", "rat", "pig", "bitch", "slut", "freak", "parasite")  # fmt: skip
_CIVIL = (
    "I feel very sad and want to talk to somebody.", "Damn, the printer is broken again.", "This damn form again!", "What the hell is wrong with the server?", "The bastard sword is a medieval weapon.", "I was bullied at school.", "The gang killed two people, the paper says.", "The suspect was called a monster by the press.", "My boss yelled at me and called me a loser. What can I do?", "The pig farm smells.", "Rats were seen in the kitchen.", "The plants die in winter.", "The film shows how slaves were treated.", "Don't be so hard on yourself.", "I feel like an idiot for forgetting the key.", "Stop being silly and come to the party!", "Our team got destroyed in the final.", "The shit hit the fan last week in the project.", "It's a hell of a nice view.", "Fat is an ingredient of soap.", "The cow shed must be shut at night.",
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
    words |= {"p": random.choice(_PLACES)}
    words |= {"p": random.choice(_PLACES)}
    words |= {"n": random.choice(_NAMES), "i": random.choice(_INSULTS), "o": random.choice(_OTHERS)}
    text = random.choice(forms).format(**words)
    text = text[0].upper() + text[1:] if likely(random, 0.7) else text.lower()
    return text if likely(random, 0.85) else text.rstrip(".")
