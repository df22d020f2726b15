from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("mail", "0004_blocked_senders")]

    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("reply", "answer"),
                    ("ask_if_solved", "is it solved?"),
                    ("invitation", "invitation"),
                    ("new_password", "a new password"),
                    ("portal", "the link to their page"),
                ],
                max_length=16,
            ),
        ),
    ]
