"""The roles of the staff, as groups; whoever was staff before them keeps the daily work."""

from django.db import migrations

ROLES = ["direction", "permanence", "communications", "lecture", "confidentialité"]


def add(apps, schema_editor):
    Group = apps.get_model("auth", "Group")
    User = apps.get_model("members", "User")
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in ROLES}
    for user in User.objects.filter(is_staff=True, is_superuser=False, groups=None):
        user.groups.add(groups["permanence"])


def remove(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=ROLES).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0005_people_alliances_exchanges"),
        ("auth", "0012_alter_user_first_name_max_length"),
    ]
    operations = [migrations.RunPython(add, remove)]
