"""Who keeps the staff's entries true: the database, after each statement (see 0004).

Of a person's fields only names are read, and of positions what concerns work: a personal field
(`Person.privacy`) is never searched.
"""

from django.db import migrations

FUNCTIONS = r"""
-- Each whole name, folded, once.
CREATE FUNCTION members_whole(VARIADIC texts text[]) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN ARRAY(
    SELECT DISTINCT public.f_fold(whole) FROM unnest(texts) AS whole WHERE public.f_fold(whole) <> ''
);

-- A phone number kept as E.164, as its digits: with the country's code and, in North America,
-- without it, whole and in the groups in which people write it.
CREATE FUNCTION members_number_words(phone text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN phone ~ '^\+1\d{10}$' THEN concat_ws(
        ' ', substr(phone, 2), substr(phone, 3),
        substr(phone, 3, 3), substr(phone, 6, 3), substr(phone, 9)
    )
    ELSE substr(phone, 2)
END;

-- The words that should find the roles of a position (`Position.Kind`).
CREATE FUNCTION members_role_words(kinds text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (
    SELECT string_agg(words, ' ')
    FROM (VALUES
        ('direction', 'direction directeur directrice director'),
        ('presidency', 'presidence president presidente chair'),
        ('delegate', 'delegue deleguee delegate'),
        ('board', 'conseil administration ca board'),
        ('communications', 'communications communication'),
        ('finance', 'finances finance comptabilite'),
        ('education', 'education'),
        ('programme', 'programmes programme'),
        ('office_holder', 'titulaire charge publique office holder'),
        ('political_staff', 'personnel politique political staff')
    ) AS role (kind, words)
    WHERE role.kind = ANY (kinds)
);

CREATE FUNCTION members_refresh_person(ids bigint[]) RETURNS void
LANGUAGE sql AS $$
INSERT INTO members_personentry AS entry (
    person_id, sort, exact, names, labels, prose_fr, prose_en
)
SELECT
    p.id,
    p.sort_name,
    members_whole(VARIADIC
        ARRAY[concat_ws(' ', p.first_name, p.last_name), concat_ws(' ', p.last_name, p.first_name)]
        || coalesce(addresses.known, '{}')
    ),
    members_folded(p.first_name, p.last_name),
    members_folded(work.now),
    members_folded(work.before),
    ''
FROM members_person p
LEFT JOIN LATERAL (
    SELECT
        string_agg(said.words, ' ') FILTER (WHERE NOT said.is_past) AS now,
        string_agg(said.words, ' ') FILTER (WHERE said.is_past) AS before
    FROM (
        SELECT
            concat_ws(
                ' ', held.title, held.unit, members_role_words(held.kinds::text[]), place.names,
                held.email, members_number_words(held.phone)
            ) AS words,
            coalesce(held.ended_on < current_date, false) AS is_past
        FROM members_position held
        LEFT JOIN members_directoryentry place USING (organization_id)
        WHERE held.person_id = p.id
        ORDER BY held.id
    ) said
) work ON true
LEFT JOIN LATERAL (
    SELECT array_agg(address) AS known
    FROM members_position held,
        unnest(
            ARRAY[held.email, substr(held.phone, 2), substring(held.phone FROM '^\+1(\d{10})$')]
        ) AS address
    WHERE held.person_id = p.id
) addresses ON true
WHERE p.id = ANY ($1)
ORDER BY p.id
ON CONFLICT (person_id) DO UPDATE SET
    sort = excluded.sort, exact = excluded.exact, names = excluded.names,
    labels = excluded.labels, prose_fr = excluded.prose_fr, prose_en = excluded.prose_en
WHERE (entry.sort, entry.exact, entry.names, entry.labels, entry.prose_fr, entry.prose_en)
    IS DISTINCT FROM (
        excluded.sort, excluded.exact, excluded.names,
        excluded.labels, excluded.prose_fr, excluded.prose_en
    );
$$;

CREATE FUNCTION members_refresh_alliance(ids bigint[]) RETURNS void
LANGUAGE sql AS $$
INSERT INTO members_allianceentry AS entry (
    alliance_id, sort, exact, names, labels, prose_fr, prose_en
)
SELECT
    a.id,
    a.sort_name,
    members_whole(VARIADIC
        ARRAY[
            a.name_fr, a.name_en,
            regexp_replace(a.name_fr, '\s*\([^()]*\)', '', 'g'),
            regexp_replace(a.name_en, '\s*\([^()]*\)', '', 'g'),
            replace(a.acronym, '.', ''), regexp_replace(a.acronym, '[\s.]', '', 'g')
        ]
        || regexp_split_to_array(a.name_fr, '\s+[–—-]\s+')
        || regexp_split_to_array(coalesce(a.name_en, ''), '\s+[–—-]\s+')
    ),
    members_folded(a.name_fr, a.name_en, replace(a.acronym, '.', '')),
    '',
    members_folded(a.mandate_fr),
    members_folded(a.mandate_en)
FROM members_alliance a
WHERE a.id = ANY ($1)
ORDER BY a.id
ON CONFLICT (alliance_id) DO UPDATE SET
    sort = excluded.sort, exact = excluded.exact, names = excluded.names,
    labels = excluded.labels, prose_fr = excluded.prose_fr, prose_en = excluded.prose_en
WHERE (entry.sort, entry.exact, entry.names, entry.labels, entry.prose_fr, entry.prose_en)
    IS DISTINCT FROM (
        excluded.sort, excluded.exact, excluded.names,
        excluded.labels, excluded.prose_fr, excluded.prose_en
    );
$$;

CREATE FUNCTION members_refresh_dossier(ids bigint[]) RETURNS void
LANGUAGE sql AS $$
INSERT INTO members_dossierentry AS entry (
    dossier_id, sort, exact, names, labels, prose_fr, prose_en
)
SELECT
    d.id, f_sort(d.name), members_whole(d.name), members_folded(d.name), '',
    members_folded(d.aim, d.outcome), ''
FROM members_dossier d
WHERE d.id = ANY ($1)
ORDER BY d.id
ON CONFLICT (dossier_id) DO UPDATE SET
    sort = excluded.sort, exact = excluded.exact, names = excluded.names,
    labels = excluded.labels, prose_fr = excluded.prose_fr, prose_en = excluded.prose_en
WHERE (entry.sort, entry.exact, entry.names, entry.labels, entry.prose_fr, entry.prose_en)
    IS DISTINCT FROM (
        excluded.sort, excluded.exact, excluded.names,
        excluded.labels, excluded.prose_fr, excluded.prose_en
    );
$$;

CREATE FUNCTION members_refresh_interaction(ids bigint[]) RETURNS void
LANGUAGE sql AS $$
INSERT INTO members_interactionentry AS entry (
    interaction_id, at, sort, exact, names, labels, prose_fr, prose_en
)
SELECT
    i.id,
    i.happened_at,
    f_sort(i.subject),
    members_whole(i.subject),
    members_folded(i.subject),
    members_folded(place.names, people.names, a.name_fr, a.name_en, a.acronym, d.name),
    members_folded(i.notes, g.subject_text, g.particulars, g.decision_sought, g.on_behalf_of),
    ''
FROM members_interaction i
LEFT JOIN members_alliance a ON a.id = i.alliance_id
LEFT JOIN members_dossier d ON d.id = i.dossier_id
LEFT JOIN members_governmentinteraction g ON g.interaction_id = i.id
LEFT JOIN LATERAL (
    SELECT string_agg(known.names, ' ' ORDER BY known.organization_id) AS names
    FROM members_directoryentry known
    WHERE known.organization_id IN (
        SELECT organization_id FROM members_interaction_organizations
        WHERE interaction_id = i.id
        UNION ALL
        SELECT organization_id FROM members_participation WHERE interaction_id = i.id
    )
) place ON true
LEFT JOIN LATERAL (
    SELECT string_agg(concat_ws(' ', p.first_name, p.last_name), ' ' ORDER BY p.id) AS names
    FROM members_participation part JOIN members_person p ON p.id = part.person_id
    WHERE part.interaction_id = i.id
) people ON true
WHERE i.id = ANY ($1)
ORDER BY i.id
ON CONFLICT (interaction_id) DO UPDATE SET
    at = excluded.at, sort = excluded.sort, exact = excluded.exact, names = excluded.names,
    labels = excluded.labels, prose_fr = excluded.prose_fr, prose_en = excluded.prose_en
WHERE (entry.at, entry.sort, entry.exact, entry.names, entry.labels, entry.prose_fr, entry.prose_en)
    IS DISTINCT FROM (
        excluded.at, excluded.sort, excluded.exact, excluded.names,
        excluded.labels, excluded.prose_fr, excluded.prose_en
    );
$$;

-- Writes the entries of these records of one kind anew, where anything in them has changed.
CREATE FUNCTION members_refresh_office(kind text, ids bigint[]) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF ids IS NOT NULL THEN
        EXECUTE format('SELECT %I($1)', 'members_refresh_' || kind) USING ids;
    END IF;
END $$;

-- After a statement on a table that entries speak of. The arguments are pairs: a kind of record,
-- and the query for those that are touched, which sees the rows as the tables `changed` and, after
-- an update, `before`. Many changes may be refreshed together (`refreshed_together` in
-- members/models/directory.py).
CREATE FUNCTION members_office_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN
    FOR place IN 0 .. TG_NARGS - 1 BY 2 LOOP
        IF current_setting('members.refresh', true) = 'together' THEN
            EXECUTE format(
                'INSERT INTO members_touched_office '
                'SELECT DISTINCT %L, id FROM (%s) AS touched (id) WHERE id IS NOT NULL',
                TG_ARGV[place], TG_ARGV[place + 1]
            );
        ELSE
            EXECUTE format(
                'SELECT array_agg(DISTINCT id) FROM (%s) AS touched (id) WHERE id IS NOT NULL',
                TG_ARGV[place + 1]
            ) INTO ids;
            PERFORM members_refresh_office(TG_ARGV[place], ids);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;

-- The words that a misspelling may have been meant for; the argument is the kind of record. The
-- labels of an exchange are names of others, which are known already.
CREATE FUNCTION members_keep_office_words() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO members_officeword (kind, word)
    SELECT DISTINCT TG_ARGV[0], found.word
    FROM changed,
        string_to_table(
            CASE TG_ARGV[0] WHEN 'interaction' THEN changed.names ELSE changed.haystack END, ' '
        ) AS found (word)
    WHERE length(found.word) BETWEEN 3 AND 60 AND found.word !~ '^\d+$'
      AND NOT EXISTS (SELECT FROM members_directoryword known WHERE known.word = found.word)
      AND NOT EXISTS (
          SELECT FROM members_officeword known
          WHERE known.kind = TG_ARGV[0] AND known.word = found.word
      )
    ORDER BY found.word
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
"""

NO_FUNCTIONS = """
DROP FUNCTION members_keep_office_words();
DROP FUNCTION members_office_changed();
DROP FUNCTION members_refresh_office(text, bigint[]);
DROP FUNCTION members_refresh_interaction(bigint[]);
DROP FUNCTION members_refresh_dossier(bigint[]);
DROP FUNCTION members_refresh_alliance(bigint[]);
DROP FUNCTION members_refresh_person(bigint[]);
DROP FUNCTION members_role_words(text[]);
DROP FUNCTION members_number_words(text);
DROP FUNCTION members_whole(text[]);
"""

KINDS = ["person", "alliance", "dossier", "interaction"]


def before_and_after(column):
    """The query for the records of a column, wherever a row was moved from."""
    return f"SELECT {column} FROM changed UNION SELECT {column} FROM before"


def renamed(columns, key="id"):
    """The keys of the rows whose `columns` an update changed."""
    new, old = (
        ", ".join(f"{side}.{column}" for column in columns) for side in ("changed", "before")
    )
    return (
        f"SELECT changed.{key} FROM changed JOIN before USING ({key}) "
        f"WHERE ({new}) IS DISTINCT FROM ({old})"
    )


def of_organizations(keys):
    """(kind, query) of what names the organizations that the query `keys` gives."""
    return [
        (
            "person",
            f"SELECT person_id FROM members_position WHERE organization_id IN ({keys})",
        ),
        (
            "interaction",
            "SELECT interaction_id FROM members_interaction_organizations "
            f"WHERE organization_id IN ({keys}) UNION SELECT interaction_id "
            f"FROM members_participation WHERE organization_id IN ({keys})",
        ),
    ]


# (table, event) → (kind, query) of the entries that the statement's rows touch.
TOUCHED = {
    ("members_person", "INSERT"): [("person", "SELECT id FROM changed")],
    ("members_person", "UPDATE"): [
        ("person", renamed(["first_name", "last_name"])),
        (
            "interaction",
            "SELECT interaction_id FROM members_participation "
            f"WHERE person_id IN ({renamed(['first_name', 'last_name'])})",
        ),
    ],
    ("members_directoryentry", "INSERT"): of_organizations("SELECT organization_id FROM changed"),
    ("members_directoryentry", "UPDATE"): of_organizations(renamed(["names"], "organization_id")),
    ("members_alliance", "INSERT"): [("alliance", "SELECT id FROM changed")],
    ("members_alliance", "UPDATE"): [
        ("alliance", "SELECT id FROM changed"),
        (
            "interaction",
            "SELECT id FROM members_interaction "
            f"WHERE alliance_id IN ({renamed(['name_fr', 'name_en', 'acronym'])})",
        ),
    ],
    ("members_dossier", "INSERT"): [("dossier", "SELECT id FROM changed")],
    ("members_dossier", "UPDATE"): [
        ("dossier", "SELECT id FROM changed"),
        (
            "interaction",
            f"SELECT id FROM members_interaction WHERE dossier_id IN ({renamed(['name'])})",
        ),
    ],
    ("members_interaction", "INSERT"): [("interaction", "SELECT id FROM changed")],
    ("members_interaction", "UPDATE"): [("interaction", "SELECT id FROM changed")],
}
for table, kind in {
    "members_position": "person",
    "members_interaction_organizations": "interaction",
    "members_participation": "interaction",
    "members_governmentinteraction": "interaction",
}.items():
    for event in ("INSERT", "DELETE"):
        TOUCHED[table, event] = [(kind, f"SELECT {kind}_id FROM changed")]
    TOUCHED[table, "UPDATE"] = [(kind, before_and_after(f"{kind}_id"))]

ROWS = {
    "INSERT": "NEW TABLE AS changed",
    "DELETE": "OLD TABLE AS changed",
    "UPDATE": "OLD TABLE AS before NEW TABLE AS changed",
}


def triggers():
    """(create, drop) of every trigger on every table."""
    for (table, event), touched in TOUCHED.items():
        arguments = ", ".join(f"'{text}'" for pair in touched for text in pair)
        name = f"office_after_{event.lower()}"
        yield (
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {ROWS[event]} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION members_office_changed({arguments});",
            f"DROP TRIGGER {name} ON {table};",
        )
    for kind in KINDS:
        for event in ("INSERT", "UPDATE"):
            yield (
                f"CREATE TRIGGER keep_words_after_{event.lower()} AFTER {event} "
                f"ON members_{kind}entry REFERENCING NEW TABLE AS changed "
                f"FOR EACH STATEMENT EXECUTE FUNCTION members_keep_office_words('{kind}');",
                f"DROP TRIGGER keep_words_after_{event.lower()} ON members_{kind}entry;",
            )


def constraints():
    """(create, drop) of what ties an entry to its record; and its words are read as they lie."""
    for kind in KINDS:
        yield (
            f"ALTER TABLE members_{kind}entry "
            f"ADD CONSTRAINT entry_goes_with_its_{kind} FOREIGN KEY ({kind}_id) "
            f"REFERENCES members_{kind} (id) ON DELETE CASCADE, "
            "ALTER COLUMN exact SET STORAGE MAIN, "
            "ALTER COLUMN name_search SET STORAGE MAIN, "
            "ALTER COLUMN search SET STORAGE EXTERNAL, "
            "ALTER COLUMN stems SET STORAGE EXTERNAL;",
            f"ALTER TABLE members_{kind}entry DROP CONSTRAINT entry_goes_with_its_{kind};",
        )


class Migration(migrations.Migration):
    dependencies = [("members", "0007_staff_search")]
    operations = [
        migrations.RunSQL(FUNCTIONS, NO_FUNCTIONS),
        *(migrations.RunSQL(create, drop) for create, drop in constraints()),
        *(migrations.RunSQL(create, drop) for create, drop in triggers()),
        *(
            migrations.RunSQL(
                f"SELECT members_refresh_office('{kind}', array_agg(id)) FROM members_{kind};",
                migrations.RunSQL.noop,
            )
            for kind in KINDS
        ),
    ]
