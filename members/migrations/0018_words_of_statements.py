"""What the public's search looks at in a statement: its texts as one, folded."""

from django.db import migrations, models
from django.db.models.functions import Coalesce, Concat

import regions.folding

COLUMNS = ["title_fr", "title_en", "text_fr", "text_en", "addressed_to_fr", "addressed_to_en"]


def words():
    """The field, as `members.models.statements` has it."""
    text = models.TextField()
    parts = [
        piece
        for name in COLUMNS
        for piece in (
            Coalesce(models.F(name), models.Value(""), output_field=models.TextField()),
            models.Value(" "),
        )
    ]
    fold = regions.folding.Fold(Concat(*parts, output_field=models.TextField()))
    return models.GeneratedField(
        db_persist=True,
        expression=Concat(models.Value(" "), fold, models.Value(" "), output_field=text),
        output_field=models.TextField(),
    )


class Migration(migrations.Migration):
    dependencies = [("members", "0017_sequences_only_grow")]
    operations = [
        migrations.AddField(model_name="statement", name="words", field=words()),
        migrations.AddField(model_name="statementevent", name="words", field=words()),
    ]
