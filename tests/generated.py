"""Fictional organizations in any number, the same ones every time.

They stand in for a large network wherever size matters: the search questions are scored on the
first 10 000, `make bench` measures up to 100 000. Plain Python, so that a test, a benchmark or a
command may use them without a database.

Only `Random.random()` is called: it is the one method of which Python promises the same sequence
for the same seed in every version, and the expected answers of `search_questions.csv` rest on it.
"""

import csv
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from pathlib import Path
from random import Random

MUNICIPALITIES = Path(__file__).parent.parent / "regions" / "data" / "municipalities.csv"
SHORTEST_NAME, LONGEST_NAME = 20, 70
SHORTEST_MISSION, LONGEST_MISSION = 400, 1200


@dataclass(frozen=True, slots=True)
class GeneratedOrganization:
    """One fictional organization: what an `Organization` record holds, as plain values.

    `themes` are theme slugs, `countries` ISO 3166-1 alpha-2 codes, `other_names` pairs of a kind
    (`former`, `working` or `acronym`) and a name. Texts that do not exist are empty.
    """

    name_fr: str
    name_en: str
    acronym: str
    other_names: tuple[tuple[str, str], ...]
    municipality: str
    region_code: str
    themes: tuple[str, ...]
    countries: tuple[str, ...]
    summary_fr: str
    summary_en: str
    mission_fr: str
    mission_en: str
    website: str
    email: str
    phone: str
    founded_year: int

    def import_row(self) -> dict[str, str]:
        """The organization as one row of an import file, with the columns of organizations.csv."""
        return {
            "name_fr": self.name_fr,
            "name_en": self.name_en,
            "acronym": self.acronym,
            "city": self.municipality,
            "region_code": self.region_code,
            "website": self.website,
            "year_founded": str(self.founded_year),
            "closed_year": "",
            "themes": ";".join(self.themes),
            "countries": ";".join(self.countries),
            "neq": "",
            "charity_number": "",
            "summary_fr": self.summary_fr,
            "summary_en": self.summary_en,
            "membership": "confirmed",
            "member_source": "",
            "source": "",
            "as_of": "",
        }


def organizations(count: int, seed: int = 1976) -> Iterator[GeneratedOrganization]:
    """Yield `count` organizations with distinct names.

    The same seed gives the same organizations, and a larger count only adds to a smaller one.
    """
    random = Random(seed)
    taken = set()
    while len(taken) < count:
        organization = _organization(random)
        folded = _fold(organization.name_fr)
        if folded not in taken:
            taken.add(folded)
            yield organization


def _organization(random: Random) -> GeneratedOrganization:
    municipality, region_code = _weighted(random, *_municipalities())
    themes = _several(random, THEME_SLUGS, THEME_WEIGHTS, 2 + int(random.random() ** 1.6 * 4))
    countries = _several(random, COUNTRY_ROWS, COUNTRY_WEIGHTS, int(random.random() ** 1.7 * 9))
    # A name speaks of a place even where the list of countries is still empty.
    named_country = countries[0] if countries else _weighted(random, COUNTRY_ROWS, COUNTRY_WEIGHTS)
    name_fr, name_en = _name(random, municipality, themes[0], named_country)
    while not SHORTEST_NAME <= len(name_fr) <= LONGEST_NAME:
        name_fr, name_en = _name(random, municipality, themes[0], named_country)
    if random.random() < 0.35:
        name_en = ""
    summary_fr, summary_en = _summary(random, municipality, themes, countries)
    mission_fr, mission_en = _mission(random, municipality, themes, countries)
    domain = re.sub(r"[^a-z0-9]+", "-", _fold(name_fr)).strip("-")[:40].strip("-") + ".example"
    return GeneratedOrganization(
        name_fr=name_fr,
        name_en=name_en,
        acronym=_acronym(random, name_fr),
        other_names=_other_names(random, municipality, themes[-1]),
        municipality=municipality,
        region_code=region_code,
        themes=themes,
        countries=tuple(country.code for country in countries),
        summary_fr=summary_fr,
        summary_en=summary_en,
        mission_fr=mission_fr,
        mission_en=mission_en,
        website=f"https://{domain}",
        email=f"info@{domain}",
        phone=f"{_pick(random, ('418', '450', '514', '819'))} 555-01{int(random.random() * 100):02}",
        founded_year=1958 + int(random.random() * 67),
    )


def _name(random, municipality, theme, country):
    """A name in both languages, in one of the ways such organizations are really named."""
    way = random.random()
    head_fr, head_en = _pick(random, HEADS)
    cause_fr, cause_en = _pick(random, THEMES[theme].causes)
    place = _pick(random, country.places)
    town = _typographic(municipality)
    if way < 0.18:
        coined = coined_word(random)
        if random.random() < 0.5:
            return f"{coined} – {head_fr} pour {cause_fr}", f"{coined} – {head_en} for {cause_en}"
        return f"{head_fr} {coined} pour {cause_fr}", f"{coined} {head_en} for {cause_en}"
    if way < 0.36:
        founder = f"{_pick(random, FIRST_NAMES)} {invented_surname(random)}"
        if random.random() < 0.4:
            return (
                f"{head_fr} {founder} pour {cause_fr}",
                f"{founder} {head_en} for {cause_en}",
            )
        return f"{head_fr} {founder}", f"{founder} {head_en}"
    if way < 0.50:
        link_fr, link_en = _pick(random, LINKS)
        return f"{link_fr} {town}–{place}", f"{town}–{place} {link_en}"
    if way < 0.64:
        thing_fr, thing_en = _pick(random, THINGS)
        surname = invented_surname(random)
        if random.random() < 0.5:
            return f"{thing_fr} {_of(town)}–{surname}", f"{town}–{surname} {thing_en}"
        return f"{thing_fr} {surname} {_of(town)}", f"{surname} {thing_en} of {town}"
    if way < 0.75:
        trade_fr, trade_en = _pick(random, TRADES)
        return f"{trade_fr} {_of(town)} pour {place}", f"{town} {trade_en} for {place}"
    if way < 0.86:
        coined = coined_word(random)
        return (
            f"{coined} {country.located} – {head_fr} {_of(town)}",
            f"{coined} in {country.name_en} – {town} {head_en}",
        )
    if way < 0.94:
        aim_fr, aim_en = _pick(random, AIMS)
        number = 10 * (1 + int(random.random() * 99))
        surname = invented_surname(random)
        return (
            f"{number} {aim_fr} pour {place} – {surname}",
            f"{number} {aim_en} for {place} – {surname}",
        )
    coined = coined_word(random)
    return f"L’Œuvre {coined} {_of(town)}", f"{coined} Charity of {town}"


def coined_word(random):
    """An invented word: two known halves, or three or four open syllables (« Kalumira »)."""
    if random.random() < 0.25:
        return _pick(random, FIRST_HALVES) + _pick(random, SECOND_HALVES)
    syllables = [_pick(random, SYLLABLES) for _ in range(3 + int(random.random() * 2))]
    return "".join(syllables).capitalize()


def invented_surname(random):
    """An invented surname that sounds at home in Québec (« Tremblecourt », « Desrosemont »)."""
    return _pick(random, SURNAME_STARTS) + _pick(random, SURNAME_ENDS)


def _acronym(random, name):
    """Initials of the name's words of weight, dotted now and then; none for one in four."""
    words = re.findall(r"\w+", re.sub(r"\b[dlDL]’", "", name))
    initials = "".join(_fold(word)[0] for word in words if word.lower() not in SMALL_WORDS)
    initials = initials.upper()[:6]
    if random.random() < 0.25 or len(initials) < 3:
        return ""
    return "".join(f"{letter}." for letter in initials) if random.random() < 0.1 else initials


def _other_names(random, municipality, theme):
    names = []
    if random.random() < 0.15:
        cause_fr, _ = _pick(random, THEMES[theme].causes)
        names.append(("former", f"Comité {invented_surname(random)} pour {cause_fr}"))
    if random.random() < 0.12:
        names.append(("working", f"{coined_word(random)} {_typographic(municipality)}"))
    return tuple(names)


def _summary(random, municipality, themes, countries):
    """One or two sentences, some 200 characters, in French and in English."""
    cause_fr, cause_en = _pick(random, THEMES[themes[0]].causes)
    other_fr, other_en = _pick(random, THEMES[themes[1]].causes)
    group_fr, group_en = _pick(random, GROUPS)
    opening_fr, opening_en = _pick(random, SUMMARIES)
    words = {
        "town_of": _of(_typographic(municipality)),
        "town": _typographic(municipality),
        "group_fr": group_fr,
        "group_en": group_en,
        "cause_fr": cause_fr,
        "cause_en": cause_en,
        "other_fr": other_fr,
        "other_en": other_en,
        "where_fr": _list((c.located for c in countries[:3]), "et") or "au Québec",
        "where_en": _list((c.name_en for c in countries[:3]), "and") or "Québec",
    }
    return _typographic(opening_fr.format(**words)), opening_en.format(**words)


def _mission(random, municipality, themes, countries):
    """A few paragraphs' worth of sentences: an opening, a sentence or two a theme, a close."""
    town = _typographic(municipality)
    pairs = [_pick(random, OPENINGS)]
    for theme in themes:
        pairs += [_pick(random, THEMES[theme].sentences), _pick(random, METHODS)]
    pairs.append(_pick(random, CLOSINGS))
    french, english = [], []
    for sentence_fr, sentence_en in dict.fromkeys(pairs):
        group_fr, group_en = _pick(random, GROUPS)
        country = _pick(random, countries) if countries else None
        words = {
            "town": town,
            "town_of": _of(town),
            "group_fr": group_fr,
            "group_en": group_en,
            "where_fr": _where_fr(random, country),
            "where_en": f"in {country.name_en}" if country else "across Québec",
            "number": 2 + int(random.random() * 60),
        }
        sentence = sentence_fr.format(**words)
        if len(" ".join([*french, sentence])) > LONGEST_MISSION:
            continue
        french.append(sentence)
        english.append(sentence_en.format(**words))
    return _typographic(" ".join(french)), " ".join(english)


def _where_fr(random, country):
    if country is None:
        return "au Québec"
    if random.random() < 0.5:
        return country.located
    return f"dans la région {_of(_pick(random, country.places))}, {country.located}"


def _fold(text):
    """Lower case, without accents, ligatures undone, apostrophes straight."""
    text = text.lower().replace("œ", "oe").replace("æ", "ae").replace("’", "'")
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))


def _typographic(text):
    """With the apostrophes and the no-break spaces of French print."""
    return text.replace("'", "’").replace(" :", "\N{NO-BREAK SPACE}:")


def _of(place):
    """« de Rimouski », « d’Alma », « des Îles-de-la-Madeleine »."""
    if place.startswith("Les "):
        return "des " + place[4:]
    return "d’" + place if _fold(place)[0] in "aeiouy" else "de " + place


def _list(names, and_word):
    *first, last = list(names) or [""]
    return f"{', '.join(first)} {and_word} {last}" if first else last


def _pick(random, choices):
    return choices[int(random.random() * len(choices))]


def _weighted(random, choices, cumulative):
    """One of the choices, each as likely as its step in the cumulative weights."""
    target = random.random() * cumulative[-1]
    low, high = 0, len(cumulative) - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > target:
            high = middle
        else:
            low = middle + 1
    return choices[low]


def _several(random, choices, cumulative, count):
    """`count` different choices, the likely ones more often."""
    chosen = []
    while len(chosen) < count:
        choice = _weighted(random, choices, cumulative)
        if choice not in chosen:
            chosen.append(choice)
    return tuple(chosen)


# The vocabulary. Pairs are (French, English).


@dataclass(frozen=True, slots=True)
class _Theme:
    weight: int
    causes: tuple[tuple[str, str], ...]
    sentences: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Country:
    code: str
    weight: int
    located: str
    name_en: str
    places: tuple[str, ...]


def _country(line):
    """A country from « HT 40 en Haïti|Haiti|Jacmel,Hinche,… »."""
    code_weight, name_en, places = line.split("|")
    code, weight, located = code_weight.split(" ", 2)
    return _Country(code, int(weight), located, name_en, tuple(places.split(",")))


def _words(text):
    return tuple(text.split())


def _pairs(lines):
    return tuple(tuple(line.split("|")) for line in lines.strip().splitlines())


@cache
def _municipalities():
    """Municipalities with their region and cumulative weights: Montréal weighs 60 %."""
    with MUNICIPALITIES.open(encoding="utf-8", newline="") as lines:
        rows = [(row["name"], row["region_code"]) for row in csv.DictReader(lines)]
    large = {"Québec": 30, "Sherbrooke": 15, "Gatineau": 12, "Longueuil": 10, "Laval": 10}
    others = [large.get(name, 0 if name == "Montréal" else 2) for name, _ in rows]
    montreal = sum(others) * 60 / 40
    weights = [
        montreal if name == "Montréal" else weight
        for (name, _), weight in zip(rows, others, strict=True)
    ]
    return rows, list(accumulate(weights))


HEADS = _pairs("""
Association|Association
Fondation|Foundation
Comité|Committee
Collectif|Collective
Réseau|Network
Regroupement|Coalition
Alliance|Alliance
Centre|Centre
Carrefour|Crossroads
Mouvement|Movement
Fonds|Fund
Institut|Institute
Coopérative|Cooperative
Société|Society
Initiative|Initiative
Mission|Mission
Maison|House
Ligue|League
Secours|Relief
Entraide|Mutual Aid
""")

LINKS = _pairs("""
Jumelage|Twinning
Amitié|Friendship
Passerelle|Footbridge
Entraide|Mutual Aid
Trait d’union|Link
Fraternité|Fellowship
Compagnonnage|Companionship
Corridor solidaire|Solidarity Corridor
Table de coopération|Cooperation Table
Échanges|Exchanges
""")

THINGS = _pairs("""
L’Atelier|Workshop
L’Escale|Landing
L’Envol|Takeoff
L’Abri|Shelter
La Boussole|Compass
La Charrue|Plough
La Grange|Barn
La Lanterne|Lantern
La Marée|Tide
La Corvée|Work Bee
Le Phare|Lighthouse
Le Sillon|Furrow
Le Relais|Relay
Le Pont|Bridge
Le Canot|Canoe
Les Moissons|Harvests
Les Racines|Roots
Les Voiles|Sails
Les Cœurs vaillants|Brave Hearts
Les Chœurs|Choirs
""")

TRADES = _pairs("""
Agronomes|Agronomists
Architectes|Architects
Bibliothécaires|Librarians
Charpentières et charpentiers|Carpenters
Comptables|Accountants
Conteuses et conteurs|Storytellers
Dentistes|Dentists
Enseignantes et enseignants|Teachers
Forestières et forestiers|Foresters
Géologues|Geologists
Infirmières et infirmiers|Nurses
Ingénieures et ingénieurs|Engineers
Jardinières et jardiniers|Gardeners
Juristes|Legal Workers
Mécaniciennes et mécaniciens|Mechanics
Musiciennes et musiciens|Musicians
Ophtalmologistes|Eye Doctors
Pédiatres|Paediatricians
Pharmaciennes et pharmaciens|Pharmacists
Plombières et plombiers|Plumbers
Sages-femmes|Midwives
Travailleuses et travailleurs sociaux|Social Workers
Tisserandes et tisserands|Weavers
Vétérinaires|Veterinarians
""")

AIMS = _pairs("""
puits|Wells
arbres|Trees
écoles|Schools
vélos|Bicycles
livres|Books
ruches|Beehives
lunettes|Eyeglasses
berceaux|Cradles
fours|Ovens
tambours|Drums
violons|Violins
barques|Boats
métiers à tisser|Looms
lampes|Lamps
""")

GROUPS = _pairs("""
des comités de village|village committees
des groupes d’entraide|mutual aid groups
des cercles de lecture|reading circles
des syndicats|trade unions
des associations de parents|parents’ associations
des municipalités|municipalities
des comités d’usagers|users’ committees
des universités|universities
des associations de voisinage|neighbours’ associations
des conseils d’anciens|councils of elders
des gens de tous âges|people of all ages
des équipes de quartier|neighbourhood teams
des cégeps|colleges
des congrégations|religious congregations
""")

SUMMARIES = _pairs("""
Établi à {town}, l’organisme travaille {where_fr} avec {group_fr} pour {cause_fr}, et fait connaître ce travail dans toute sa région, sans oublier {other_fr}.|Based in {town}, the organization works with {group_en} ({where_en}) for {cause_en}, and makes that work known throughout its own region, along with {other_en}.
Des gens {town_of} et {group_fr} unissent leurs forces {where_fr} : ils défendent {cause_fr} et {other_fr} par des projets modestes, durables et décidés sur place.|People of {town} join forces with {group_en} ({where_en}) to advance {cause_en} and {other_en} through modest, lasting projects decided locally.
Depuis {town}, une petite équipe appuie {group_fr} qui font avancer {cause_fr} {where_fr}. Elle mène aussi des activités publiques sur {other_fr}.|From {town}, a small team supports {group_en} that advance {cause_en} ({where_en}). It also holds public activities on {other_en}.
L’organisme finance et accompagne {where_fr} des projets portés par {group_fr}. Ses priorités : {cause_fr} et {other_fr}, avec des résultats publiés chaque année.|The organization funds and accompanies projects led by {group_en} ({where_en}). Its priorities are {cause_en} and {other_en}, with results published every year.
Né d’un voyage, grandi dans les sous-sols {town_of}, l’organisme relie aujourd’hui {group_fr} d’ici à leurs vis-à-vis {where_fr} autour d’un même but : {cause_fr}.|Born of a journey and raised in the basements of {town}, the organization now links {group_en} here with their counterparts ({where_en}) around one aim: {cause_en}.
""")

OPENINGS = _pairs("""
Fondé à {town} par une poignée d’amis, l’organisme a grandi au rythme de ses partenaires {where_fr}.|Founded in {town} by a handful of friends, the organization has grown at the pace of its partners {where_en}.
L’organisme réunit à {town} des personnes de tous horizons, convaincues qu’un partenariat dure quand il commence par l’écoute.|In {town}, the organization gathers people from all walks of life who believe that a partnership lasts when it begins by listening.
Tout a commencé par une lettre reçue {where_fr}, lue à voix haute dans une salle paroissiale {town_of}.|It all began with a letter received {where_en}, read aloud in a parish hall in {town}.
Depuis {number} ans, {group_fr} et une petite équipe permanente {town_of} avancent ensemble, un projet à la fois.|For {number} years, {group_en} and a small permanent team in {town} have moved forward together, one project at a time.
Créé à l’initiative de deux familles, l’organisme met en commun les savoirs {town_of} et ceux de ses partenaires {where_fr}.|Created by two families, the organization pools what is known in {town} with the knowledge of its partners {where_en}.
L’organisme part d’un principe simple : celles et ceux qui vivent un problème sont les mieux placés pour le résoudre.|The organization starts from a simple principle: those who live with a problem are best placed to solve it.
""")

METHODS = _pairs("""
Chaque projet est proposé, discuté et évalué avec {group_fr}.|Every project is proposed, discussed and assessed together with {group_en}.
Le budget est modeste, les comptes sont publics et chaque dépense est décidée à deux.|The budget is modest, the accounts are public and every expense is decided jointly.
Une convention de {number} mois précise ce que chacun apporte et comment l’appui prendra fin.|An agreement of {number} months sets out what each side brings and how support will come to an end.
Les bilans, rédigés en langue claire, sont remis d’abord à {group_fr}.|Reports, written in plain language, go first to {group_en}.
L’équipe locale compte {number} personnes, toutes recrutées sur place.|The local team numbers {number} people, all hired on site.
Le suivi se fait par téléphone chaque mois et par une visite tous les deux ans.|Follow-up is done by telephone every month and by a visit every second year.
Les erreurs aussi sont racontées, pour que d’autres ne les refassent pas.|Mistakes are told too, so that others need not repeat them.
Une caisse commune, tenue par {group_fr}, prend le relais des dons.|A common fund kept by {group_en} takes over from donations.
Les appels de projets sont ouverts deux fois l’an à {group_fr}.|Calls for projects are open twice a year to {group_en}.
Les outils produits sont traduits, libres de droits et faciles à reproduire.|The tools produced are translated, free to use and easy to reproduce.
""")

CLOSINGS = _pairs("""
À {town}, une assemblée publique fait chaque automne le point sur le chemin parcouru.|In {town}, a public meeting takes stock every autumn of the road travelled.
L’organisme ne reçoit aucun fonds d’entreprise et compte sur quelque {number} membres cotisants.|The organization takes no corporate funds and relies on some {number} dues-paying members.
Une fête annuelle {town_of}, sa table longue et ses chansons paient une bonne part de l’ouvrage.|A yearly feast in {town}, with its long table and its songs, pays for a good part of the work.
Les personnes qui souhaitent s’engager sont accueillies le premier mardi du mois.|Anyone wishing to take part is welcome on the first Tuesday of the month.
Le prochain plan triennal, écrit avec {group_fr}, sera présenté à {town}.|The next three-year plan, written with {group_en}, will be presented in {town}.
""")

THEMES = {
    "education-citoyennete-mondiale": _Theme(
        14,
        _pairs("""
l’éducation citoyenne|global citizenship
la conscience du monde|world awareness
le dialogue Nord-Sud|North-South dialogue
"""),
        _pairs("""
Des ateliers d’éducation à la citoyenneté mondiale rejoignent {number} classes et groupes par année.|Global citizenship workshops reach {number} classes and groups a year.
Des expositions itinérantes et des cafés-rencontres sensibilisent le public aux inégalités mondiales.|Travelling exhibits and coffee meetings raise public awareness of global inequality.
"""),
    ),
    "egalite-genres": _Theme(
        12,
        _pairs("""
l’égalité des genres|gender equality
les droits des femmes|women’s rights
l’autonomie des filles|girls’ autonomy
"""),
        _pairs("""
Des maisons d’accueil et des cercles de parole soutiennent les survivantes de violences {where_fr}.|Shelters and talking circles support survivors of violence {where_en}.
L’égalité entre les femmes et les hommes guide le choix des partenaires comme celui des budgets.|Equality between women and men guides the choice of partners as well as budgets.
"""),
    ),
    "droits-humains": _Theme(
        10,
        _pairs("""
les droits humains|human rights
le travail décent|decent work
la justice sociale|social justice
"""),
        _pairs("""
Des observatrices et observateurs accompagnent {where_fr} les défenseurs des droits humains menacés.|Observers accompany threatened human rights defenders {where_en}.
Une clinique juridique mobile conseille gratuitement les victimes d’abus et documente l’impunité.|A mobile legal clinic gives free advice to victims of abuse and documents impunity.
"""),
    ),
    "environnement-climat": _Theme(
        14,
        _pairs("""
la justice climatique|climate justice
la forêt boréale et tropicale|boreal and tropical forests
la transition écologique|the ecological transition
"""),
        _pairs("""
Des pépinières communautaires reboisent les pentes et adaptent {where_fr} les villages au climat qui change.|Community nurseries replant slopes and help villages {where_en} adapt to a changing climate.
La biodiversité est recensée par les habitants eux-mêmes, carnet et téléphone en main.|Biodiversity is recorded by residents themselves, notebook and telephone in hand.
"""),
    ),
    "agriculture-securite-alimentaire": _Theme(
        13,
        _pairs("""
l’agriculture paysanne|peasant farming
la souveraineté alimentaire|food sovereignty
les semences anciennes|heirloom seeds
"""),
        _pairs("""
Des champs-écoles diffusent {where_fr} l’agroécologie, la rotation des cultures et l’élevage familial.|Field schools {where_en} spread agroecology, crop rotation and family livestock raising.
Des greniers communautaires et des moulins partagés adoucissent la période de soudure.|Community granaries and shared mills ease the hungry season.
"""),
    ),
    "sante": _Theme(
        10,
        _pairs("""
la santé maternelle|maternal health
la santé communautaire|community health
les soins pour tous|care for all
"""),
        _pairs("""
Des dispensaires reçoivent {where_fr} du matériel vérifié, des médicaments et du personnel soignant en relève.|Clinics {where_en} receive checked equipment, medicines and relief nursing staff.
Des campagnes de vaccination et de dépistage vont vers les hameaux les plus éloignés.|Vaccination and screening campaigns go out to the most remote hamlets.
"""),
    ),
    "eau-assainissement": _Theme(
        6,
        _pairs("""
l’eau potable|safe water
l’eau et l’hygiène|water and hygiene
l’assainissement|sanitation
"""),
        _pairs("""
Des forages réparés et des latrines familiales rapprochent {where_fr} l’eau potable des maisons.|Repaired boreholes and family latrines bring safe water closer to homes {where_en}.
La qualité de l’eau des puits est mesurée chaque saison et affichée sur la place publique.|Well water quality is measured every season and posted in the public square.
"""),
    ),
    "education-formation": _Theme(
        13,
        _pairs("""
l’alphabétisation|literacy
l’école rurale|rural schooling
la formation professionnelle|vocational training
"""),
        _pairs("""
Des bourses d’études et des bibliothèques scolaires retiennent {where_fr} les élèves jusqu’au diplôme.|Scholarships and school libraries {where_en} keep pupils in class until they graduate.
Des maîtres expérimentés forment la relève enseignante pendant les vacances scolaires.|Experienced teachers train new ones during school holidays.
"""),
    ),
    "economie-solidaire": _Theme(
        14,
        _pairs("""
le commerce équitable|fair trade
l’économie solidaire|the solidarity economy
le microcrédit|microcredit
"""),
        _pairs("""
Des coopératives d’épargne et de microcrédit financent {where_fr} de petits métiers.|Savings and microcredit cooperatives {where_en} finance small trades.
Une boutique de commerce équitable paie d’avance la récolte de café, de cacao ou de karité.|A fair trade shop pays in advance for the coffee, cocoa or shea harvest.
"""),
    ),
    "aide-humanitaire": _Theme(
        7,
        _pairs("""
l’aide d’urgence|emergency aid
le secours aux sinistrés|disaster relief
l’aide humanitaire|humanitarian aid
"""),
        _pairs("""
Une réserve de tentes, de couvertures et de vivres part en moins de {number} heures après un sinistre.|A stock of tents, blankets and supplies leaves within {number} hours of a disaster.
Après les séismes et les cyclones, l’aide humanitaire passe {where_fr} par des équipes déjà sur place.|After earthquakes and hurricanes, humanitarian aid goes through teams already present {where_en}.
"""),
    ),
    "jeunesse-stages": _Theme(
        12,
        _pairs("""
la jeunesse solidaire|solidarity among youth
le volontariat des jeunes|youth volunteering
les stages outre-mer|internships abroad
"""),
        _pairs("""
Des stages de {number} jours, préparés pendant un an, initient les jeunes à la coopération.|Internships of {number} days, prepared over a year, introduce young people to cooperation.
Des jeunes volontaires de 18 à 30 ans vivent en famille {where_fr} et racontent leur séjour au retour.|Young volunteers aged 18 to 30 live with families {where_en} and tell of their stay on returning.
"""),
    ),
    "enfance": _Theme(
        7,
        _pairs("""
les droits de l’enfant|children’s rights
la petite enfance|early childhood
les enfants de la rue|street children
"""),
        _pairs("""
Des foyers de jour protègent {where_fr} les enfants du travail et de la rue.|Day homes {where_en} protect children from labour and the street.
Le parrainage est collectif : il soutient tous les enfants d’un village et jamais un seul.|Sponsorship is collective: it supports all the children of a village, never one alone.
"""),
    ),
    "migration-refugies": _Theme(
        7,
        _pairs("""
l’accueil des personnes réfugiées|refugee settlement
la justice migratoire|migrant justice
les familles exilées|families in exile
"""),
        _pairs("""
Des citoyennes et des citoyens accueillent à {town} des familles réfugiées et les suivent pendant deux ans.|Citizens welcome refugee families to {town} and stay with them for two years.
Des abris sûrs et des conseils attendent {where_fr} les personnes migrantes en chemin.|Safe shelters and advice await migrants on the road {where_en}.
"""),
    ),
    "paix-democratie": _Theme(
        6,
        _pairs("""
la paix|peace
la démocratie participative|participatory democracy
la culture de non-violence|a culture of nonviolence
"""),
        _pairs("""
Des médiatrices formées sur place apaisent {where_fr} les conflits avant qu’ils n’éclatent.|Mediators trained on site calm conflicts {where_en} before they break out.
Des missions d’observation électorale et des jurys populaires font vivre la démocratie entre les scrutins.|Election observers and citizens’ juries keep democracy alive between votes.
"""),
    ),
    "habitat-infrastructures": _Theme(
        4,
        _pairs("""
l’habitat durable|lasting housing
les ponts ruraux|rural bridges
le logement pour tous|housing for all
"""),
        _pairs("""
Des charpentes simples, résistantes aux vents, abritent {where_fr} logements et lieux communs.|Simple, wind-resistant frames shelter homes and common places {where_en}.
Des ponceaux, des pistes et de petites centrales sont construits avec la main-d’œuvre du lieu.|Culverts, tracks and small power stations are built with local labour.
"""),
    ),
    "inclusion-handicap": _Theme(
        3,
        _pairs("""
l’inclusion|inclusion
l’accessibilité universelle|universal access
les personnes handicapées|people with disabilities
"""),
        _pairs("""
Des ateliers d’orthèses et de fauteuils roulants emploient {where_fr} des personnes handicapées.|Orthotics and wheelchair workshops {where_en} employ people with disabilities.
Les immeubles publics sont audités par celles et ceux qui ne peuvent y entrer.|Public buildings are audited by those who cannot get into them.
"""),
    ),
    "culture-communication": _Theme(
        4,
        _pairs("""
la radio communautaire|community radio
les arts vivants|the living arts
la mémoire et la musique|memory and music
"""),
        _pairs("""
Des radios communautaires diffusent {where_fr} en {number} langues et dialectes.|Community radio stations {where_en} broadcast in {number} languages and dialects.
Une tournée de théâtre et de musique fait voyager les œuvres dans les deux sens.|A theatre and music tour lets works travel both ways.
"""),
    ),
    "gouvernance-plaidoyer": _Theme(
        5,
        _pairs("""
la justice fiscale|tax justice
la reddition de comptes|accountability
le plaidoyer citoyen|citizen advocacy
"""),
        _pairs("""
Des mémoires et des pétitions portent ces demandes de plaidoyer devant les parlements.|Briefs and petitions carry these advocacy demands to parliaments.
Des comités de vigie suivent {where_fr} les budgets publics et dénoncent la corruption.|Watch committees follow public budgets {where_en} and denounce corruption.
"""),
    ),
}
THEME_SLUGS = tuple(THEMES)
THEME_WEIGHTS = list(accumulate(theme.weight for theme in THEMES.values()))

COUNTRY_ROWS = tuple(
    map(
        _country,
        """
HT 60 en Haïti|Haiti|Jacmel,Hinche,Gonaïves,Jérémie,Léogâne,Kenscoff,Saint-Marc,Mirebalais
SN 30 au Sénégal|Senegal|Thiès,Kaolack,Ziguinchor,Tambacounda,Podor,Louga
BF 22 au Burkina Faso|Burkina Faso|Koudougou,Ouahigouya,Banfora,Fada N’Gourma
ML 20 au Mali|Mali|Ségou,Sikasso,Mopti,Kayes,Bandiagara
CD 18 en République démocratique du Congo|the Democratic Republic of the Congo|Goma,Bukavu,Kisangani,Matadi
GT 18 au Guatemala|Guatemala|Cobán,Rabinal,Quetzaltenango,Chichicastenango
PE 18 au Pérou|Peru|Ayacucho,Puno,Cajamarca,Huancayo
BO 17 en Bolivie|Bolivia|Cochabamba,Potosí,Oruro,Tarija
BJ 16 au Bénin|Benin|Abomey,Parakou,Natitingou,Ouidah
TG 14 au Togo|Togo|Kpalimé,Sokodé,Atakpamé,Dapaong
HN 12 au Honduras|Honduras|Choluteca,Comayagua,La Ceiba
NI 12 au Nicaragua|Nicaragua|Estelí,Matagalpa,Jinotega
CO 12 en Colombie|Colombia|Quibdó,Popayán,Pasto,Barrancabermeja
GN 11 en Guinée|Guinea|Kindia,Labé,Kankan,Nzérékoré
NE 11 au Niger|Niger|Maradi,Zinder,Agadez,Tahoua
BI 10 au Burundi|Burundi|Gitega,Ngozi,Bururi
RW 10 au Rwanda|Rwanda|Butare,Gisenyi,Kibuye
CM 10 au Cameroun|Cameroon|Bafoussam,Maroua,Ebolowa,Foumban
CI 9 en Côte d’Ivoire|Côte d’Ivoire|Bouaké,Korhogo,Man,Daloa
MG 9 à Madagascar|Madagascar|Antsirabe,Fianarantsoa,Toliara
EC 9 en Équateur|Ecuador|Otavalo,Riobamba,Loja
IN 8 en Inde|India|Madurai,Bhopal,Darjeeling,Varanasi
SV 7 au Salvador|El Salvador|Chalatenango,Suchitoto,Sonsonate
MX 7 au Mexique|Mexico|Oaxaca,Tapachula,Pátzcuaro
CU 7 à Cuba|Cuba|Camagüey,Holguín,Baracoa
NP 6 au Népal|Nepal|Pokhara,Gorkha,Janakpur
MA 6 au Maroc|Morocco|Ouarzazate,Tiznit,Essaouira
TN 6 en Tunisie|Tunisia|Gafsa,Kairouan,Tozeur
KE 5 au Kenya|Kenya|Kisumu,Nakuru,Turkana
ET 5 en Éthiopie|Ethiopia|Gondar,Mekele,Lalibela
TZ 5 en Tanzanie|Tanzania|Iringa,Mwanza,Arusha
UG 4 en Ouganda|Uganda|Gulu,Mbale,Masaka
PH 5 aux Philippines|the Philippines|Iloilo,Baguio,Tacloban
VN 5 au Vietnam|Vietnam|Da Lat,Hué,Can Tho
LB 4 au Liban|Lebanon|Tripoli,Baalbek,Saïda
PS 4 en Palestine|Palestine|Naplouse,Hébron,Jénine
BD 3 au Bangladesh|Bangladesh|Sylhet,Khulna,Rangpur
TD 3 au Tchad|Chad|Abéché,Moundou,Sarh
CF 3 en République centrafricaine|the Central African Republic|Bambari,Bouar
CG 2 en République du Congo|the Republic of the Congo|Pointe-Noire,Owando
MR 3 en Mauritanie|Mauritania|Atar,Kaédi
DO 4 en République dominicaine|the Dominican Republic|Barahona,Samaná
BR 4 au Brésil|Brazil|Olinda,Belém,Crato
CL 3 au Chili|Chile|Valparaíso,Temuco,Chiloé
PY 2 au Paraguay|Paraguay|Concepción,Encarnación
GH 3 au Ghana|Ghana|Tamale,Kumasi,Wa
MW 2 au Malawi|Malawi|Zomba,Mzuzu
ZM 2 en Zambie|Zambia|Ndola,Mongu
MZ 2 au Mozambique|Mozambique|Beira,Nampula
DZ 2 en Algérie|Algeria|Tlemcen,Ghardaïa
KH 2 au Cambodge|Cambodia|Battambang,Kampot
MM 1 au Myanmar|Myanmar|Mandalay,Sittwe
TL 1 au Timor-Leste|Timor-Leste|Baucau,Suai
CV 1 au Cap-Vert|Cabo Verde|Mindelo,Praia
KM 1 aux Comores|the Comoros|Moroni,Mutsamudu
ID 2 en Indonésie|Indonesia|Aceh,Lombok
MN 1 en Mongolie|Mongolia|Darkhan,Khovd
JO 1 en Jordanie|Jordan|Irbid,Zarqa
UA 1 en Ukraine|Ukraine|Lviv,Poltava
SL 1 en Sierra Leone|Sierra Leone|Bo,Kenema
""".strip().splitlines(),
    )
)
COUNTRY_WEIGHTS = list(accumulate(country.weight for country in COUNTRY_ROWS))

FIRST_NAMES = _words("""
Adélard Agathe Aimé Alphonsine Anne-Marie Antoinette Armand Aurore Béatrice Blanche Cécile
Clémence Colette Cyprien Damien Délima Donatien Édith Édouard Élodie Émérentienne Eugénie
Eustache Fabienne Félicité Fernande Florent Françoise Gaétane Georgette Gérard Gisèle Guérin
Hélène Hervé Hormisdas Irène Jean-Baptiste Jeanne-d’Arc Joséphine Jovette Laurette Léonie
Léopold Lucille Ludger Madeleine Marcelline Marie-Ange Marie-Ève Marius Maxence Mélodie
Monique Noël Odette Olivier Ovila Paul-Émile Philippe Pierrette Raoul Réjeanne Rodrigue
Rosalie Roméo Solange Sylvestre Thècle Théodora Ulric Valérien Véronique Wilfrid Yvonne Zoé
""")

SURNAME_STARTS = _words("""
Aubi Beauche Bellechas Berti Boisver Bourgui Brise Castelo Chante Charle Clairvi Courte
Daigneri Desrose Dubéri Estrella Fauche Ferrali Fleuri Fontari Gadoua Gaudre Girouve Grandi
Grosse Haute Hébéri Jolibe Lacour Lamonta Landre Larivi Lavigno Longue Malboe Marcoti
Mercani Monte Morisse Nadori Normande Ouelli Pelchari Petre Pinsonne Quesna Rabouille Rivar
Robicha Rouvre Saucier Savigno Sencha Sylvai Taillefo Théori Tremble Trotti Vachone Verrea
Vigne Villemai
""")

SURNAME_ENDS = _words("""
bois bourg champ chêne combe côte cour croix dale feuille fleur fort gard gné grange lande
lieu lune mare mont mur naud neau pierre pré puy quet rand rive roche rond sault seau serre
tain thier tour val vent ville vrai
""")

FIRST_HALVES = _words("""
Agro Alpha Aqua Boréa Canto Coopé Digni Éco Fluvi Fraterni Géo Hiver Humani Hydro Inter
Luci Médi Mosa Nordi Orchi Pluri Rura Sani Sèvi Solida Spira Terra Trans Urbi Végé Viva Voca
""")

SECOND_HALVES = _words("""
braise cime cité clé dune élan gerbe grain jardin lien lune marche monde nid onde orme phare
pont porte racine relais rive seuil sève soleil source terre toile tresse vague vent voix
""")

SYLLABLES = _words("""
ba bé bo bru ca cé chi co da dé dou du fa fé fi fra ga go gui ja jo ka ké ki kou la lé li
lou lu ma mé mi mon na né ni nou pa pé pi po ra ré ri rou sa sé si sou ta té ti tou va vé vi
vo ya yé yo za zé zi zou
""")

SMALL_WORDS = _words("à au aux de des du en et l la le les par pour sur")
