"""Which records are likely the same one, twice: pairs with a score and the reasons in words.

Comparing each name with all the others by their trigrams takes 20 seconds for 30 000 people, even
with the index. So records are compared only where they share something that few have: a word of
the name, the beginning of one name with the whole of the other, an address, a number. Trigrams
then say how close two names are. 10 000 organizations or 30 000 people take about a second.
"""

from dataclasses import dataclass, field

from django.db import connection
from django.utils.translation import gettext as _

from members.models import Organization, Person

# Pairs below this score, out of 100, are not worth a look.
WORTH_A_LOOK = 50

# Providers of addresses and pages: sharing one says nothing of who has them.
PUBLIC_DOMAINS = [
    "aol.com",
    "bell.net",
    "canada.ca",
    "cgocable.ca",
    "facebook.com",
    "gmail.com",
    "globetrotter.net",
    "gouv.qc.ca",
    "hotmail.ca",
    "hotmail.com",
    "hotmail.fr",
    "icloud.com",
    "instagram.com",
    "linkedin.com",
    "live.ca",
    "live.com",
    "me.com",
    "msn.com",
    "outlook.com",
    "outlook.fr",
    "proton.me",
    "protonmail.com",
    "quebec.ca",
    "sites.google.com",
    "sympatico.ca",
    "twitter.com",
    "videotron.ca",
    "x.com",
    "yahoo.ca",
    "yahoo.com",
    "yahoo.fr",
    "youtube.com",
]

# The beginnings of addresses that several people read: sharing one is a weak reason.
SHARED_ADDRESS = (
    "^(info|infos|admin|administration|adm|bureau|communications?|contact|coordination|courrier|"
    "direction|dg|general|hello|bonjour|membres?|office|projets?|reception|secretariat|support)"
    "[0-9._-]*@"
)

# Words that set no name apart.
SMALL_WORDS = (
    "a and at au aux avec by d de des du en et fictif fictive for in inc l la le les ltd ltee of "
    "on ou par pour sur the to with"
).split()

# Each organization goes under the keys that only its double would share: its rarest words, its
# whole names, its domains, its business number, the two ends of its name (for a slip of the
# finger). A key of many is nobody's.
ORGANIZATIONS = r"""
WITH known AS MATERIALIZED (
    SELECT o.id, o.kind, o.region_id, o.phone, lower(o.email) AS email, entry.sort_fr AS name,
           replace(entry.sort_fr, ' ', '') AS compact,
           ARRAY(
               SELECT DISTINCT whole
               FROM (
                   VALUES (entry.sort_fr), (entry.sort_en),
                       (f_sort(regexp_replace(o.name_fr, '\s*\([^()]*\)', '', 'g')))
                   UNION ALL
                   SELECT f_sort(name) FROM members_othername
                   WHERE organization_id = o.id AND kind <> 'acronym'
               ) AS said (whole)
               WHERE length(whole) > 4
           ) AS names,
           upper(replace(o.acronym, '.', '')) AS acronym,
           ARRAY(
               SELECT DISTINCT domain
               FROM (VALUES
                   (regexp_replace(
                       lower(substring(o.website FROM '^https?://([^/:?#]+)')), '^www[.]', ''
                   )),
                   (lower(nullif(split_part(o.email, '@', 2), '')))
               ) AS said (domain)
               WHERE domain <> ALL (%(public)s)
           ) AS domains,
           ARRAY(
               SELECT left(value, 9) FROM members_identifier
               WHERE organization_id = o.id AND scheme = 'charity'
           ) AS numbers
    FROM members_organization o JOIN members_directoryentry entry ON entry.organization_id = o.id
),
word AS (
    SELECT id, word, count(*) OVER (PARTITION BY word) AS frequency
    FROM (
        SELECT DISTINCT id, word FROM known, string_to_table(name, ' ') AS word
        WHERE word <> ALL (%(small)s)
    ) AS said
),
rare AS (
    SELECT id, word,
           row_number() OVER (PARTITION BY id ORDER BY frequency, word) AS place
    FROM word WHERE frequency <= 60
),
key AS MATERIALIZED (
    SELECT id, 'word ' || word AS key FROM rare WHERE place <= 3
    UNION ALL SELECT id, 'name ' || whole FROM known, unnest(names) AS whole
    UNION ALL SELECT id, 'domain ' || domain FROM known, unnest(domains) AS domain
    UNION ALL SELECT id, 'number ' || number FROM known, unnest(numbers) AS number
    UNION ALL SELECT id, 'start ' || left(compact, 9) FROM known
    UNION ALL SELECT id, 'end ' || right(compact, 9) FROM known
),
telling AS (
    SELECT key FROM key GROUP BY key
    HAVING count(*) BETWEEN 2 AND CASE WHEN key LIKE 'domain %%' THEN 8 ELSE 60 END
),
pair AS (
    SELECT one.id AS first_id, other.id AS second_id,
           bool_or(key LIKE 'name %%') AS same_name,
           bool_or(key LIKE 'domain %%') AS same_domain,
           bool_or(key LIKE 'number %%') AS same_number
    FROM telling JOIN key AS one USING (key) JOIN key AS other USING (key)
    WHERE one.id < other.id
    GROUP BY one.id, other.id
),
alike AS (
    SELECT pair.*,
           similarity(one.name, other.name) AS closeness,
           one.name AS one_name, other.name AS other_name,
           one.kind = 'institution' OR other.kind = 'institution' AS is_institution,
           one.region_id <> other.region_id AS elsewhere,
           one.region_id = other.region_id AND one.acronym = other.acronym AND one.acronym <> ''
               AS same_acronym,
           one.phone = other.phone AND one.phone <> '' AS same_phone,
           one.email = other.email AND one.email <> '' AS same_address,
           one.email ~ %(shared)s AS is_shared
    FROM pair JOIN known AS one ON one.id = first_id JOIN known AS other ON other.id = second_id
)
SELECT first_id, second_id, closeness, same_name, same_domain, same_number, is_institution,
       elsewhere, same_acronym, same_phone, same_address, is_shared,
       coalesce(similarity(
           (SELECT string_agg(word, ' ') FROM (
               SELECT * FROM string_to_table(one_name, ' ')
               EXCEPT SELECT * FROM string_to_table(other_name, ' ')
           ) AS own (word) WHERE word <> ALL (%(small)s)),
           (SELECT string_agg(word, ' ') FROM (
               SELECT * FROM string_to_table(other_name, ' ')
               EXCEPT SELECT * FROM string_to_table(one_name, ' ')
           ) AS own (word) WHERE word <> ALL (%(small)s))
       ), 1) < 0.3 AS own_words
FROM alike
WHERE (closeness >= 0.5 OR same_name OR same_domain OR same_number)
  AND NOT EXISTS (
      SELECT FROM members_notdouble said
      WHERE said.model = 'members.organization'
        AND said.first_id = alike.first_id AND said.second_id = alike.second_id
  )
"""

# People go under one of their names with an end of the other, both ways round, and under the
# addresses that are theirs alone.
PEOPLE = r"""
WITH known AS MATERIALIZED (
    SELECT id, sort_name AS name, f_fold(first_name) AS first, f_fold(last_name) AS last
    FROM members_person
),
address AS MATERIALIZED (
    SELECT DISTINCT person_id AS id, address, address ~ %(shared)s AS is_shared
    FROM (
        SELECT person_id, lower(email) FROM members_position WHERE email <> ''
        UNION ALL
        SELECT id, lower(personal_email) FROM members_person WHERE personal_email <> ''
    ) AS said (person_id, address)
),
key AS MATERIALIZED (
    SELECT id, key
    FROM known, unnest(ARRAY[
        last || '|' || left(first, 1),
        first || '|' || left(last, 3), first || '|' || right(last, 4),
        first || '||' || last, last || '||' || first
    ]) AS key
    UNION ALL
    SELECT id, address FROM address WHERE NOT is_shared
),
telling AS (
    SELECT key FROM key GROUP BY key HAVING count(*) BETWEEN 2 AND 60
),
pair AS (
    SELECT one.id AS first_id, other.id AS second_id,
           bool_or(key LIKE '%%@%%') AS same_address, bool_or(key LIKE '%%||%%') AS same_name
    FROM telling JOIN key AS one USING (key) JOIN key AS other USING (key)
    WHERE one.id < other.id
    GROUP BY one.id, other.id
),
alike AS MATERIALIZED (
    SELECT pair.*, similarity(one.name, other.name) AS closeness
    FROM pair JOIN known AS one ON one.id = first_id JOIN known AS other ON other.id = second_id
)
SELECT first_id, second_id, closeness, same_name, same_address,
       EXISTS (
           SELECT FROM address AS one JOIN address AS other USING (address)
           WHERE one.id = first_id AND other.id = second_id AND one.is_shared
       ) AS same_shared,
       EXISTS (
           SELECT FROM members_position AS one JOIN members_position AS other
               ON other.organization_id = one.organization_id
           WHERE one.person_id = first_id AND other.person_id = second_id
       ) AS same_organization,
       EXISTS (
           SELECT FROM members_position AS one JOIN members_position AS other
               ON other.phone = one.phone AND other.phone_extension = one.phone_extension
           WHERE one.person_id = first_id AND other.person_id = second_id AND one.phone <> ''
       ) AS same_phone
FROM alike
WHERE (closeness >= 0.55 OR same_address)
  AND NOT EXISTS (
      SELECT FROM members_notdouble said
      WHERE said.model = 'members.person'
        AND said.first_id = alike.first_id AND said.second_id = alike.second_id
  )
"""


@dataclass
class Pair:
    """Two records that may be one, by their keys, the lower one first.

    `score` goes from WORTH_A_LOOK to 100; `reasons` are sentences, the strongest first.
    """

    first_id: int
    second_id: int
    score: int
    reasons: list[str] = field(default_factory=list)


def likely_organizations():
    """The pairs of organizations that may be one, the likeliest first."""
    parameters = {
        "public": PUBLIC_DOMAINS,
        "shared": SHARED_ADDRESS,
        "small": SMALL_WORDS,
    }
    return weighed(ORGANIZATIONS, parameters, weigh_organizations)


def likely_people():
    """The pairs of people who may be one, the likeliest first."""
    return weighed(PEOPLE, {"shared": SHARED_ADDRESS}, weigh_people)


LIKELY = {Organization: likely_organizations, Person: likely_people}


def weighed(query, parameters, weigh):
    """The pairs that a query finds, with what `weigh` makes of each."""
    with connection.cursor() as cursor:
        cursor.execute(query, parameters)
        names = [column.name for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor]
    pairs = []
    for row in found:
        reasons = weigh(row)
        score = min(100, sum(points for points, _words in reasons))
        if score >= WORTH_A_LOOK:
            reasons.sort(key=lambda reason: -reason[0])
            said = [words for _points, words in reasons]
            pairs.append(Pair(row["first_id"], row["second_id"], score, said))
    return sorted(pairs, key=lambda pair: (-pair.score, pair.first_id, pair.second_id))


def weigh_organizations(row):
    """[(points, reason)] for two organizations; what speaks against has negative points.

    Points were set by hand so that one strong reason is worth a look, and two weak ones are not.
    """
    reasons = []
    if row["closeness"] >= 0.999:
        reasons.append((65, _("same name")))
    elif row["same_name"]:
        reasons.append((max(50, round(60 * row["closeness"])), _("one has a name of the other")))
    elif row["closeness"] >= 0.5:
        # « Amitié de Laval pour Bobo » and « pour Puno » each have a word of their own.
        points = round(64 * row["closeness"]) - (30 if row["own_words"] else 0)
        reasons.append((points, _("names that look alike")))
    if row["same_number"]:
        reasons.append((60, _("same business number")))
    if row["same_domain"]:
        # Ministries share the domain of their government.
        reasons.append((20 if row["is_institution"] else 50, _("same web domain")))
    if row["same_address"]:
        reasons.append(
            (10, _("same general e-mail address"))
            if row["is_shared"]
            else (20, _("same e-mail address"))
        )
    if row["same_phone"]:
        reasons.append((15, _("same phone number")))
    if row["same_acronym"]:
        reasons.append((10, _("same acronym in the same region")))
    if row["elsewhere"]:
        # Carrefours and committees of the same name in two regions are two.
        reasons.append((-20, _("but not in the same region")))
    return reasons


def weigh_people(row):
    """[(points, reason)] for two people."""
    reasons = []
    if row["same_name"]:
        reasons.append((65, _("same name")))
    elif row["closeness"] >= 0.55:
        points = min(60, round(68 * row["closeness"]))
        reasons.append((points, _("names that look alike")))
    if row["same_address"]:
        reasons.append((50, _("same e-mail address")))
    if row["same_shared"]:
        reasons.append((8, _("same general e-mail address")))
    if row["same_organization"]:
        reasons.append((20, _("same organization")))
    if row["same_phone"]:
        reasons.append((12, _("same phone number")))
    return reasons
