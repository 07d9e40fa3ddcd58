"""What the demo company teaches, and what its people ask: text, and nothing but text.

Every name here is made up.
"""

from __future__ import annotations

from dataclasses import dataclass

SITE_NAME = "Larkfield Academy"
SHARING_FIELD, PRIVATE_FIELD = "sharelearning", "keepprivate"
PROFILE_FIELDS = {
    SHARING_FIELD: "Who may see what I learn",
    PRIVATE_FIELD: "Never name in public",
}
"""The custom profile fields of the demo LMS: short name → how it is headed."""

COMPANY = "Larkfield"
MAIL_DOMAIN = "larkfield.example"


@dataclass(frozen=True)
class Asked:
    """A question that somebody asks in a course, and the answer that it may get."""

    title: str
    text: str
    answer: str


@dataclass(frozen=True)
class Title:
    """A course of the catalogue."""

    name: str
    short_name: str
    category: str
    pitch: str
    german: str
    asked: tuple[Asked, ...] = ()
    lessons: int = 1
    """How many activities a person must finish to complete it."""
    self_enrol: bool = True
    visible: bool = True


LEADERSHIP = "Leadership"
CUSTOMERS = "Customers & sales"
DIGITAL = "Digital & data"
PEOPLE = "Wellbeing & inclusion"
COMPLIANCE = "Mandatory compliance"

CATEGORIES = {
    LEADERSHIP: "For everybody who leads people, projects or a difficult conversation.",
    CUSTOMERS: "Understand what customers need, say what we can do, and keep the promise.",
    DIGITAL: "Tools and habits that take the tedium out of a working day.",
    PEOPLE: "How we look after one another.",
    COMPLIANCE: "What the law and our own rules ask of each of us, once a year.",
}

TEAMS = {
    "Sales": "Field and inside sales.",
    "Customer Care": "Everybody who answers when a customer calls, writes or knocks.",
    "Engineering": "Product engineering and infrastructure.",
    "Marketing": "Brand, campaigns and events.",
    "Operations": "Plants, logistics and purchasing.",
    "Finance": "Accounting, controlling and treasury.",
    "Product & Design": "Product management, research and design.",
    "People & Learning": "Human resources and the academy.",
}

TITLES = (
    Title(
        "Giving feedback",
        "LEAD-01",
        LEADERSHIP,
        "Say what you saw, what it did, and what would help: in two minutes, the same day.",
        "Sagen, was war, was es bewirkt hat und was hilft.",
        (
            Asked(
                "How do you give feedback to somebody more senior?",
                "The examples are all manager to report. How do you open it upwards?",
                "Ask first: 'May I tell you what I noticed?' Nobody has said no yet.",
            ),
            Asked(
                "Feedback in chat: yes or no?",
                "We are spread over three time zones. Does written feedback land badly?",
                "Praise in writing, anything critical on a call. That rule has served us well.",
            ),
            Asked(
                "What if the person gets defensive?",
                "I tried the three steps and got five reasons why it was not their fault.",
                "Stop, and ask how they saw it. The second half was theirs, and it worked.",
            ),
        ),
        lessons=2,
    ),
    Title(
        "Coaching conversations",
        "LEAD-02",
        LEADERSHIP,
        "Fewer answers, better questions. Four conversations to try with your own team.",
        "Weniger antworten, besser fragen.",
        (
            Asked(
                "How long before you stop and just give the answer?",
                "My colleague only wanted a file. When is coaching the wrong tool?",
                "If there is one right answer and they cannot know it, tell them. Coach the rest.",
            ),
            Asked(
                "Does anybody have a list of opening questions?",
                "I keep using 'what would you do?' and everybody hears that I am coaching now.",
                "'What have you ruled out already?' opens more than anything else I tried.",
            ),
        ),
    ),
    Title(
        "Leading hybrid teams",
        "LEAD-03",
        LEADERSHIP,
        "Make the team that sits apart work as one: rituals, fairness, and fewer meetings.",
        "Verteilt arbeiten, gemeinsam ankommen.",
        (
            Asked(
                "Which meetings did you drop?",
                "We are at eleven hours of meetings a week. Which ones did you get rid of first?",
                "The status round. A written note on Monday does the same in five minutes.",
            ),
            Asked(
                "How do you keep the remote half from being second class?",
                "Decisions still happen at the coffee machine here. What helped in your team?",
                "One rule: if one person is remote, everybody joins from their own screen.",
            ),
        ),
    ),
    Title(
        "Delegation that works",
        "LEAD-04",
        LEADERSHIP,
        "Hand over the outcome, not the list of steps, and agree when to look in.",
        "Das Ergebnis abgeben, nicht die Schritte.",
        (
            Asked(
                "Is there a template for the hand-over talk?",
                "The video mentions a one-page template but I cannot find it among the materials.",
                "It is in the second section, under 'Hand-over on a page'.",
            ),
        ),
    ),
    Title(
        "Difficult conversations",
        "LEAD-05",
        LEADERSHIP,
        "Prepare the talk that you have been putting off, rehearse it, and hold it.",
        "Das Gespräch führen, das man vor sich herschiebt.",
        (
            Asked(
                "Rehearsing with a colleague: how do you keep it confidential?",
                "It asks for a rehearsal partner. How do you do that without naming anyone?",
                "We swap with another site, so that nobody knows the person it is about.",
            ),
        ),
    ),
    Title(
        "Leading through change (draft)",
        "LEAD-06",
        LEADERSHIP,
        "A draft for next spring. Not open yet.",
        "Ein Entwurf für das Frühjahr.",
        visible=False,
        self_enrol=False,
    ),
    Title(
        "Listening to customers",
        "CUST-01",
        CUSTOMERS,
        "Three calls, three silences, one summary the customer agrees with.",
        "Zuhören, bis der Kunde sagt: genau.",
        (
            Asked(
                "How do you take notes without sounding like a form?",
                "When I type, the customer hears it and stops talking. Pen and paper?",
                "Pen and paper, and I read my notes back at the end. They like being quoted.",
            ),
            Asked(
                "Can we use our own call recordings for the exercise?",
                "Or does that need consent from the customer first?",
                "Only with consent. The academy has three made-up ones that are good enough.",
            ),
        ),
    ),
    Title(
        "Negotiation basics",
        "CUST-02",
        CUSTOMERS,
        "Know your alternative, ask for more than a price, and write down what was agreed.",
        "Die eigene Alternative kennen.",
        (
            Asked(
                "What do you do when they only talk about price?",
                "Every renewal this quarter starts with 'ten per cent less or we leave'.",
                "Offer three packages. Two of my last four changed the scope instead of the price.",
            ),
            Asked(
                "Role play partner wanted for Thursday",
                "Would anybody take the buyer's side for half an hour, Thursday after lunch?",
                "Happy to. I will be mean about delivery dates.",
            ),
        ),
    ),
    Title(
        "Handling complaints well",
        "CUST-03",
        CUSTOMERS,
        "An apology that helps, a next step with a date, and a colleague who knows about it.",
        "Entschuldigen, so dass es hilft.",
        (
            Asked(
                "Who decides about goodwill above 50 euros?",
                "The course says 'decide at once', my team lead says 'ask first'. What holds?",
                "Up to 100 you decide. The page was updated last week.",
            ),
            Asked(
                "How do you end a call that goes in circles?",
                "Third call, same customer, nothing left to offer, and still forty minutes.",
                "Say what you will do by when, and that you will call them. Then keep it.",
            ),
        ),
        lessons=2,
    ),
    Title(
        "Storytelling with numbers",
        "CUST-04",
        CUSTOMERS,
        "One chart, one sentence, one decision: slides that people remember on the way home.",
        "Ein Diagramm, ein Satz, eine Entscheidung.",
        (
            Asked(
                "How many numbers fit on one slide?",
                "My manager wants the whole table in there. How do you talk somebody out of it?",
                "Put the table in the appendix and the one number in the title.",
            ),
        ),
    ),
    Title(
        "Writing proposals that win",
        "CUST-05",
        CUSTOMERS,
        "Start with their problem, end with their next step, and cut the middle by half.",
        "Mit dem Problem des Kunden beginnen.",
        (
            Asked(
                "Can anybody share an executive summary that worked?",
                "With the names taken out, of course. Ours all read the same.",
                "I put one into the team folder, the one with the two-sentence opening.",
            ),
        ),
    ),
    Title(
        "Spreadsheets beyond sums",
        "DIGI-01",
        DIGITAL,
        "Look-ups, pivots and clean tables: an afternoon that gives you back an hour a week.",
        "Nachschlagen, verdichten, aufräumen.",
        (
            Asked(
                "XLOOKUP does not exist in my version",
                "My plant still runs the old office. Is there a way around?",
                "INDEX and MATCH do the same, the second video shows it at minute six.",
            ),
        ),
    ),
    Title(
        "Reading charts critically",
        "DIGI-02",
        DIGITAL,
        "Which axis starts at zero, who was asked, and what is missing from the picture.",
        "Was fehlt auf diesem Bild?",
        (
            Asked(
                "Is a cut axis always wrong?",
                "For temperatures a zero makes no sense at all. Where do you draw the line?",
                "Bars start at zero, lines need not. That settles most arguments.",
            ),
        ),
    ),
    Title(
        "Python for analysts",
        "DIGI-03",
        DIGITAL,
        "From a folder of exports to one table that updates itself.",
        "Vom Ordner voller Exporte zu einer Tabelle.",
        (
            Asked(
                "Which set-up do you use on a locked-down laptop?",
                "I may not install anything. Is there a way to do the exercises in the browser?",
                "The notebook server of the data team works. Ask them for an account.",
            ),
            Asked(
                "Exercise 4: why is my date a string?",
                "After read_csv the column is text and the grouping fails. What am I missing?",
                "parse_dates=['day'] when reading. Every one of us lost an hour on that.",
            ),
        ),
        lessons=2,
    ),
    Title(
        "Working with AI assistants",
        "DIGI-04",
        DIGITAL,
        "Ask well, check always, and know what must never be pasted into a prompt.",
        "Gut fragen, immer prüfen.",
        (
            Asked(
                "May I paste a customer's e-mail if I remove the name?",
                "The rule says no personal data. Is the text without the name still personal?",
                "Mostly yes, because the order number is in it. Summarise it in your own words.",
            ),
            Asked(
                "How do you check an answer when you are not the expert?",
                "It sounds right and it is wrong one time in five. What is your routine?",
                "I ask it for the source and open the source. No source, no use.",
            ),
        ),
    ),
    Title(
        "Automating routine work",
        "DIGI-05",
        DIGITAL,
        "Find the task you do every week, and make the computer do it from now on.",
        "Was jede Woche wiederkommt, macht der Computer.",
        (
            Asked(
                "Who owns a flow when its author leaves?",
                "Two of ours stopped when a colleague changed teams. How do you handle that?",
                "We run ours under the team's account, with a page that says what it does.",
            ),
        ),
    ),
    Title(
        "Lunch & learn library",
        "DIGI-06",
        DIGITAL,
        "Recordings of our Thursday sessions. Watch what you like; nothing is ticked off.",
        "Aufzeichnungen vom Donnerstag.",
        (
            Asked(
                "Who would give the session on note-taking?",
                "Three people asked for it at lunch. Any volunteers for March?",
                "I can, if somebody brings the cake.",
            ),
        ),
        lessons=0,
    ),
    Title(
        "Inclusive hiring",
        "WELL-01",
        PEOPLE,
        "Job posts that invite, interviews that compare like with like.",
        "Fair einladen, fair vergleichen.",
        (
            Asked(
                "Is there a template for the interview checklist?",
                "Ours is four pages long and nobody fills it in. Does a short one exist?",
                "One page, five questions, the same for everybody: it is in the materials now.",
            ),
        ),
    ),
    Title(
        "Energy and rest at work",
        "WELL-02",
        PEOPLE,
        "Breaks that restore, days that end, and what to do in the third week of a crunch.",
        "Pausen, die wirken.",
        (
            Asked(
                "How do shift workers do the evening exercise?",
                "My evening is at seven in the morning. Has anybody adapted it?",
                "We do it after the shift in the canteen, together. Better than alone.",
            ),
        ),
    ),
    Title(
        "First aid for mental health",
        "WELL-03",
        PEOPLE,
        "Notice, ask, listen, and know whom to call. You are not asked to be a therapist.",
        "Hinsehen, fragen, zuhören.",
        (
            Asked(
                "What do I say if I am wrong?",
                "I am afraid of asking somebody who simply had a short night. How do you start?",
                "'You seem tired lately, how are you?' cannot be wrong.",
            ),
        ),
        lessons=2,
    ),
    Title(
        "Working across cultures",
        "WELL-04",
        PEOPLE,
        "What 'yes' means in eight offices, and how to ask so that you find out.",
        "Was «ja» in acht Büros heißt.",
        (
            Asked(
                "How direct may an e-mail to the Osaka office be?",
                "My last one got a very polite answer and then nothing happened for two weeks.",
                "Ask by when it would be convenient. The date you get is the true answer.",
            ),
        ),
    ),
    Title(
        "Safety at work",
        "COMP-01",
        COMPLIANCE,
        "Escape routes, lifting, screens and near misses. Once a year, for everybody.",
        "Einmal im Jahr, für alle.",
        (
            Asked(
                "Where do I report a near miss at the Lyon site?",
                "The form in the course only lists the German plants.",
                "Use the same form and choose 'other site'. It reaches the right person.",
            ),
        ),
        self_enrol=False,
    ),
    Title(
        "Data protection essentials",
        "COMP-02",
        COMPLIANCE,
        "What personal data is, why we may use it, and whom to tell when something went wrong.",
        "Was personenbezogen ist und was zu tun ist.",
        (
            Asked(
                "Does a photo of the whiteboard count?",
                "There are first names on the sticky notes. May I put it into the wiki?",
                "Yes, it counts. Crop the names or ask the people on it.",
            ),
        ),
        self_enrol=False,
    ),
    Title(
        "Code of conduct",
        "COMP-03",
        COMPLIANCE,
        "Gifts, conflicts of interest and speaking up, with twelve cases to decide.",
        "Zwölf Fälle zum Entscheiden.",
        self_enrol=False,
    ),
    Title(
        "Information security",
        "COMP-04",
        COMPLIANCE,
        "Passwords, phishing, lost laptops. The quiz has a picture of a real one we received.",
        "Kennwörter, Phishing, verlorene Laptops.",
        (
            Asked(
                "Which password manager is allowed?",
                "The course says 'use one' and stops there.",
                "The one in the software centre, it is the third entry under Security.",
            ),
        ),
        self_enrol=False,
    ),
)

THANKS = (
    "Loved this one, shared it with my team",
    "The second exercise was worth the whole course",
    "Tried it the same afternoon",
    "Short and useful, thank you",
)

LATER = (
    Asked(
        "Does anybody have an example from our own company?",
        "The examples are good, but our customers are different. Has anybody tried it here?",
        "We did, in March. I will write up how it went and post it here.",
    ),
    Asked(
        "How long did the last part take you?",
        "It says twenty minutes. I am at forty and not through.",
        "Forty for me too, but the second half goes quickly.",
    ),
    Asked(
        "What did you do differently on Monday morning?",
        "I finished this last week and would like to know what stuck with you.",
        "One thing only: I block ten minutes after each talk to write down what we agreed.",
    ),
    Asked(
        "Is there a follow-up to this course?",
        "I would like to go on from here. What did you take next?",
        "Look in the same category, the next one builds on this.",
    ),
    Asked(
        "Could we do the exercise as a team?",
        "Five of us are enrolled. Has anybody done it together, and how did you split it?",
        "We took one part each and taught it to the others. Recommended.",
    ),
    Asked(
        "The link in the second section does not open",
        "I get an empty page in the office and at home. Is it only me?",
        "It was broken for all of us, and is repaired now.",
    ),
)
"""Questions that fit any course, for the days after the story was written."""
