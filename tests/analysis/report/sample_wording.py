"""Questionnaire wording of the sample report, written for these tests."""

PRIVACY = (
    ("PA1", "I want to decide for myself who may keep information about me.", "control", False),
    ("PA2", "It bothers me when I cannot correct what is stored about me.", "control", False),
    ("PA3", "Others may handle information about me as they see fit.", "control", True),
    ("PA4", "People should be told plainly what happens to their information.", "awareness", False),
    ("PA5", "I read what an organisation says about the information it keeps.", "awareness", False),
    ("PA6", "I do not need to know how information about me is used.", "awareness", True),
    ("PA7", "Organisations ask me for more information than they need.", "collection", False),
    ("PA8", "I think twice before I fill in a form about myself.", "collection", False),
    ("PA9", "It worries me how much is gathered about people like me.", "collection", False),
    ("PA10", "I am happy for organisations to gather whatever they like.", "collection", True),
)

PROSOCIAL = (
    ("PS1", "I help people I do not know.", "", False),
    ("PS2", "I share what I have with others.", "", False),
    ("PS3", "I try to comfort someone who is sad.", "", False),
    ("PS4", "I give up my seat or my place for another person.", "", False),
    ("PS5", "I lend things to people who need them.", "", False),
    ("PS6", "I notice at once when someone near me feels bad.", "", False),
    ("PS7", "I stay out of other people's troubles.", "", True),
    ("PS8", "I take part when work is done for the common good.", "", False),
    ("PS9", "I look after people who are on their own.", "", False),
    ("PS10", "I feel what my friends feel.", "", False),
    ("PS11", "I do things for others that nobody sees.", "", False),
    ("PS12", "I give money or time to people in need.", "", False),
    ("PS13", "I put my own plans first when others need me.", "", True),
    ("PS14", "I am ready to listen when somebody wants to talk.", "", False),
    ("PS15", "I make newcomers feel that they belong.", "", False),
    ("PS16", "I explain things to people who are lost.", "", False),
)

SCENARIOS = ("health", "transport", "city", "science")

_SCENES = {
    "health": "records of my visits to the doctor",
    "transport": "records of the trips I make",
    "city": "records of the energy I use at home",
    "science": "my answers to questionnaires",
}
_RECIPIENTS = (
    ("I would hand over {what} to a public office.", False),
    ("I would hand over {what} to a university.", False),
    ("I would keep {what} from a company that asks for them.", True),
)

SHARING = tuple(
    (f"DS{3 * at + position}", sentence.format(what=_SCENES[scene]), scene, reverse)
    for at, scene in enumerate(SCENARIOS)
    for position, (sentence, reverse) in enumerate(_RECIPIENTS, start=1)
)

AGREEMENT = (
    (1, "strongly disagree"),
    (2, "disagree"),
    (3, "somewhat disagree"),
    (4, "neither"),
    (5, "somewhat agree"),
    (6, "agree"),
    (7, "strongly agree"),
)
FREQUENCY = ((1, "never"), (2, "seldom"), (3, "sometimes"), (4, "often"), (5, "always"))

CONSENT_TEXT = (
    "This study is about how people think of information about themselves and of other people. "
    "It takes about twelve minutes. Taking part is voluntary; you may stop at any time, and you "
    "may have your answers deleted later from the link you were given. Your answers are stored "
    "without your name on a server of the university for ten years."
)
SYSTEM_PROMPT = (
    "You are answering a questionnaire. Each message shows one statement and its numbered answers. "
    "Reply with the number of the answer that fits you best and nothing else."
)
ITEM_PROMPT = (
    "{instruction}\n\n{text}\n\n1 = strongly disagree\n2 = disagree\n…\n7 = strongly agree"
)
