"""Who keeps `DirectoryEntry`, the directory's version and former addresses true: the database.

Each trigger works on a whole statement, so that ten thousand imported rows refresh together.
"""

from django.db import migrations

REFRESH = r"""
CREATE FUNCTION members_folded(VARIADIC texts text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN coalesce(public.f_fold(array_to_string(texts, ' ')), '');

-- Writes the entries of these organizations anew, where anything in them has changed.
CREATE FUNCTION members_refresh_entries(ids bigint[]) RETURNS void
LANGUAGE sql AS $$
INSERT INTO members_directoryentry AS entry (
    organization_id, listed, region_id, active_regions, themes, countries, sort_fr, sort_en,
    exact, names, labels, prose_fr, prose_en
)
SELECT
    o.id,
    coalesce(membership.listed, '{}'),
    o.region_id,
    coalesce(active.codes, '{}'),
    coalesce(theme.ids, '{}'),
    coalesce(country.codes, '{}'),
    f_sort(o.name_fr),
    f_sort(coalesce(nullif(o.name_en, ''), o.name_fr)),
    ARRAY(
        SELECT DISTINCT f_fold(whole)
        FROM unnest(
            ARRAY[
                o.name_fr, o.name_en,
                regexp_replace(o.name_fr, '\s*\([^()]*\)', '', 'g'),
                regexp_replace(o.name_en, '\s*\([^()]*\)', '', 'g'),
                replace(o.acronym, '.', ''), regexp_replace(o.acronym, '[\s.]', '', 'g')
            ]
            || regexp_split_to_array(o.name_fr, '\s+[–—-]\s+')
            || regexp_split_to_array(coalesce(o.name_en, ''), '\s+[–—-]\s+')
            || other.names || other.compact
        ) AS whole
        WHERE f_fold(whole) <> ''
    ),
    members_folded(
        o.name_fr, o.name_en, replace(o.acronym, '.', ''), array_to_string(other.names, ' '),
        array_to_string(other.compact, ' ')
    ),
    members_folded(
        theme.words, country.words, municipality.name, region.name_fr, region.name_en
    ),
    members_folded(o.summary_fr, o.mission_fr, active.words),
    members_folded(o.summary_en, o.mission_en)
FROM members_organization o
LEFT JOIN regions_region region ON region.code = o.region_id
LEFT JOIN regions_municipality municipality ON municipality.id = o.municipality_id
LEFT JOIN LATERAL (
    SELECT range_agg(daterange(m.started_on, m.ended_on, '[]')) AS listed
    FROM members_membership m
    WHERE m.organization_id = o.id AND m.status = 'active'
) membership ON true
LEFT JOIN LATERAL (
    SELECT array_agg(r.code::text ORDER BY r.code) AS codes,
           string_agg(concat_ws(' ', r.name_fr, r.name_en), ' ') AS words
    FROM members_organization_active_regions link JOIN regions_region r ON r.code = link.region_id
    WHERE link.organization_id = o.id
) active ON true
LEFT JOIN LATERAL (
    SELECT array_agg(t.id ORDER BY t.id) AS ids,
           string_agg(concat_ws(' ', t.name_fr, t.name_en, t.other_names), ' ') AS words
    FROM members_organization_themes link JOIN members_theme t ON t.id = link.theme_id
    WHERE link.organization_id = o.id
) theme ON true
LEFT JOIN LATERAL (
    SELECT array_agg(c.code::text ORDER BY c.code) AS codes,
           string_agg(concat_ws(' ', c.name_fr, c.name_en, c.other_names), ' ') AS words
    FROM members_organization_countries link JOIN members_country c ON c.code = link.country_id
    WHERE link.organization_id = o.id
) country ON true
LEFT JOIN LATERAL (
    SELECT coalesce(array_agg(n.name::text), '{}') AS names,
           coalesce(array_agg(replace(n.name, '.', '')) FILTER (WHERE n.name LIKE '%.%'), '{}')
               AS compact
    FROM members_othername n
    WHERE n.organization_id = o.id
) other ON true
WHERE o.id = ANY ($1)
ON CONFLICT (organization_id) DO UPDATE SET
    listed = excluded.listed, region_id = excluded.region_id,
    active_regions = excluded.active_regions, themes = excluded.themes,
    countries = excluded.countries, sort_fr = excluded.sort_fr, sort_en = excluded.sort_en,
    exact = excluded.exact, names = excluded.names, labels = excluded.labels,
    prose_fr = excluded.prose_fr, prose_en = excluded.prose_en
WHERE (
    entry.listed, entry.region_id, entry.active_regions, entry.themes, entry.countries,
    entry.sort_fr, entry.sort_en, entry.exact, entry.names, entry.labels,
    entry.prose_fr, entry.prose_en
) IS DISTINCT FROM (
    excluded.listed, excluded.region_id, excluded.active_regions, excluded.themes,
    excluded.countries, excluded.sort_fr, excluded.sort_en, excluded.exact, excluded.names,
    excluded.labels, excluded.prose_fr, excluded.prose_en
);
$$;

-- After a statement on a table whose rows belong to organizations; the argument is the column
-- that says to which. A transaction that makes many changes may ask for one refresh at its end
-- (`refreshed_together` in members/models/directory.py).
CREATE FUNCTION members_refresh_changed() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN
    IF current_setting('members.refresh', true) = 'together' THEN
        EXECUTE format('INSERT INTO members_touched SELECT DISTINCT %I FROM changed', TG_ARGV[0]);
        RETURN NULL;
    END IF;
    EXECUTE format('SELECT array_agg(DISTINCT %I) FROM changed', TG_ARGV[0]) INTO ids;
    IF ids IS NOT NULL THEN
        PERFORM members_refresh_entries(ids);
    END IF;
    RETURN NULL;
END $$;

-- After words of the vocabulary changed; the argument is a query for the organizations they touch.
CREATE FUNCTION members_refresh_labelled() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE ids bigint[];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT id) FROM (%s) AS touched (id)', TG_ARGV[0]) INTO ids;
    IF ids IS NOT NULL THEN
        PERFORM members_refresh_entries(ids);
    END IF;
    RETURN NULL;
END $$;

ALTER TABLE members_directoryentry
    ADD CONSTRAINT entry_goes_with_its_organization FOREIGN KEY (organization_id)
    REFERENCES members_organization (id) ON DELETE CASCADE,
    ALTER COLUMN active_regions SET STORAGE MAIN,
    ALTER COLUMN themes SET STORAGE MAIN,
    ALTER COLUMN countries SET STORAGE MAIN,
    ALTER COLUMN sort_fr SET STORAGE MAIN,
    ALTER COLUMN sort_en SET STORAGE MAIN,
    ALTER COLUMN exact SET STORAGE MAIN,
    ALTER COLUMN name_search SET STORAGE MAIN,
    ALTER COLUMN search SET STORAGE EXTERNAL,
    ALTER COLUMN stems SET STORAGE EXTERNAL,
    -- The long columns move out of the row, so that counting reads few pages.
    SET (toast_tuple_target = 256);
"""

UNREFRESH = """
ALTER TABLE members_directoryentry DROP CONSTRAINT entry_goes_with_its_organization;
DROP FUNCTION members_refresh_labelled();
DROP FUNCTION members_refresh_changed();
DROP FUNCTION members_refresh_entries(bigint[]);
DROP FUNCTION members_folded(text[]);
"""

# The words that a misspelling may have been meant for.
KEEP_WORDS = """
CREATE FUNCTION members_keep_words() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO members_directoryword (word)
    SELECT DISTINCT word FROM changed, string_to_table(haystack, ' ') AS word
    WHERE length(word) BETWEEN 3 AND 60
      AND NOT EXISTS (SELECT FROM members_directoryword known WHERE known.word = word.word)
    ORDER BY word
    ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_words_after_insert AFTER INSERT ON members_directoryentry
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION members_keep_words();
CREATE TRIGGER keep_words_after_update AFTER UPDATE ON members_directoryentry
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION members_keep_words();
"""

FORGET_WORDS = """
DROP TRIGGER keep_words_after_insert ON members_directoryentry;
DROP TRIGGER keep_words_after_update ON members_directoryentry;
DROP FUNCTION members_keep_words();
"""

# Table → the column that names the organization.
OWNED = {
    "members_organization": "id",
    "members_organization_themes": "organization_id",
    "members_organization_countries": "organization_id",
    "members_organization_active_regions": "organization_id",
    "members_othername": "organization_id",
    "members_membership": "organization_id",
}

# Table → the organizations that its changed rows touch.
LABELS = {
    "members_theme": "SELECT organization_id FROM members_organization_themes "
    "JOIN changed ON changed.id = theme_id",
    "members_country": "SELECT organization_id FROM members_organization_countries "
    "JOIN changed ON changed.code = country_id",
    "regions_region": "SELECT o.id FROM members_organization o JOIN changed ON code = o.region_id "
    "UNION SELECT organization_id FROM members_organization_active_regions "
    "JOIN changed ON changed.code = region_id",
    "regions_municipality": "SELECT o.id FROM members_organization o "
    "JOIN changed ON changed.id = o.municipality_id",
}

# Every table that a public page shows.
PUBLISHED = [
    *OWNED,
    *LABELS,
    "members_directoryentry",
    "members_identifier",
    "members_formerslug",
]

CHANGE = """
CREATE FUNCTION members_note_change() RETURNS trigger
LANGUAGE plpgsql AS $$
DECLARE latest bigint;
BEGIN
    INSERT INTO members_directorychange (changed_at) VALUES (clock_timestamp())
    RETURNING id INTO latest;
    IF latest % 100 = 0 THEN
        DELETE FROM members_directorychange WHERE id IN (
            SELECT id FROM members_directorychange WHERE id < latest - 1000 FOR UPDATE SKIP LOCKED
        );
    END IF;
    RETURN NULL;
END $$;
"""

SLUGS = """
-- A slug is for ever: the former one is kept, and nobody else can take it.
CREATE FUNCTION members_keep_slug() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM members_formerslug WHERE slug = NEW.slug AND organization_id = NEW.id;
    IF EXISTS (SELECT FROM members_formerslug WHERE slug = NEW.slug) THEN
        RAISE unique_violation USING
            MESSAGE = format('the address %s was another organization''s', NEW.slug),
            CONSTRAINT = 'organization_slug_was_never_another_s';
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.slug <> NEW.slug THEN
        INSERT INTO members_formerslug (slug, organization_id) VALUES (OLD.slug, NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER keep_slug AFTER INSERT OR UPDATE OF slug ON members_organization
    FOR EACH ROW EXECUTE FUNCTION members_keep_slug();
"""

PLACES = """
-- An organization's region is its municipality's, and follows it when it is corrected.
ALTER TABLE regions_municipality ADD CONSTRAINT municipality_and_its_region UNIQUE (id, region_id);
ALTER TABLE members_organization
    ADD CONSTRAINT organization_region_is_its_municipality_s
    FOREIGN KEY (municipality_id, region_id)
    REFERENCES regions_municipality (id, region_id) ON UPDATE CASCADE;
"""

UNPLACES = """
ALTER TABLE members_organization DROP CONSTRAINT organization_region_is_its_municipality_s;
ALTER TABLE regions_municipality DROP CONSTRAINT municipality_and_its_region;
"""


def after(event, table, function, argument):
    """One statement trigger that sees the rows it changed as the table `changed`."""
    rows = "OLD" if event == "DELETE" else "NEW"
    return (
        f"CREATE TRIGGER entry_after_{event.lower()} AFTER {event} ON {table} "
        f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT "
        f"EXECUTE FUNCTION {function}('{argument}');"
    )


def triggers():
    """(create, drop) of every trigger on every table."""
    for table, column in OWNED.items():
        # An organization's own deletion takes its entry away by the foreign key.
        events = ["INSERT", "UPDATE"] if column == "id" else ["INSERT", "UPDATE", "DELETE"]
        for event in events:
            yield (
                after(event, table, "members_refresh_changed", column),
                f"DROP TRIGGER entry_after_{event.lower()} ON {table};",
            )
    for table, query in LABELS.items():
        yield (
            after("UPDATE", table, "members_refresh_labelled", query),
            f"DROP TRIGGER entry_after_update ON {table};",
        )
    for table in PUBLISHED:
        yield (
            f"CREATE TRIGGER note_change AFTER INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION members_note_change();",
            f"DROP TRIGGER note_change ON {table};",
        )


class Migration(migrations.Migration):
    dependencies = [("members", "0003_organizations"), ("regions", "0002_initial")]
    operations = [
        migrations.RunSQL(PLACES, UNPLACES),
        migrations.RunSQL(REFRESH, UNREFRESH),
        migrations.RunSQL(KEEP_WORDS, FORGET_WORDS),
        migrations.RunSQL(CHANGE, "DROP FUNCTION members_note_change();"),
        migrations.RunSQL(
            SLUGS,
            "DROP TRIGGER keep_slug ON members_organization; DROP FUNCTION members_keep_slug();",
        ),
        *(migrations.RunSQL(create, drop) for create, drop in triggers()),
    ]
