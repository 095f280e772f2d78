"""Mail that tells members’ representatives of a letter to sign."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0018_words_of_statements"),
    ]

    operations = [
        migrations.AlterField(
            model_name="sentmail",
            name="kind",
            field=models.CharField(
                choices=[
                    ("invitation", "invitation"),
                    ("access_request", "request for access"),
                    ("access_granted", "access given"),
                    ("access_refused", "access refused"),
                    ("access_ended", "access ended"),
                    ("show_publicly", "question: be shown publicly?"),
                    ("proposal_to_staff", "proposal to review"),
                    ("published_to_staff", "change published by a member"),
                    ("proposal_decided", "decision on a proposal"),
                    ("published_put_back", "change put back"),
                    ("reminder", "yearly reminder"),
                    ("sign_on", "letter to sign"),
                    ("application_link", "link to an application"),
                    ("application_received", "application received"),
                    ("application_question", "question on an application"),
                    ("application_decision", "decision on an application"),
                    ("application_admitted", "admission"),
                    ("application_refused", "refusal of an application"),
                    ("application_to_staff", "application to look at"),
                ],
                max_length=30,
                verbose_name="kind",
            ),
        ),
    ]
