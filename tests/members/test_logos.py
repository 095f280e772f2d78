"""Logos that representatives send: what is kept, in which form, and who sees it."""

import io
import zlib

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from members import documents, logos
from members.models import Logo, Organization, ProfileDraft, ProfileProposal, User
from members.models.documents import documents as storage
from members.pages import LOGO_WIDTHS
from members.permissions import Role
from tests.factories import OrganizationFactory, RepresentativeFactory, make_user
from tests.members.spacing import fill, opened, send

pytestmark = pytest.mark.django_db


def picture(size=(400, 200), kind="PNG", mode="RGB", **options):
    output = io.BytesIO()
    Image.new(mode, size, "teal").save(output, kind, **options)
    return output.getvalue()


def upload(content, name="logo.png"):
    return SimpleUploadedFile(name, content)


@pytest.fixture
def organization():
    return OrganizationFactory(name_fr="Eau vive (fictif)")


@pytest.fixture
def ana(organization):
    user = User.objects.create_user("ana@eau.example", first_name="Ana")
    RepresentativeFactory(user=user, organization=organization)
    return user


@pytest.fixture
def desk(client, ana):
    client.force_login(ana)
    return client


def kept(organization):
    return Logo.keep(organization, logos.check(upload(picture())), alt_fr="Une goutte")


def address(organization, logo, width=LOGO_WIDTHS[0]):
    return reverse("space:logo", args=[organization.slug, logo.pk, width])


@pytest.mark.parametrize(
    ("kind", "name"), [("PNG", "a.png"), ("JPEG", "a.jpg"), ("WEBP", "a.webp")]
)
def test_image_is_written_anew_in_a_few_widths(kind, name):
    image = logos.check(upload(picture((500, 250), kind), name))
    assert sorted(image.files) == [96, 192, 384, 500]
    for width, content in image.files.items():
        with Image.open(content) as made:
            assert (made.format, made.width) == ("WEBP", width)
            assert not made.getexif()


def test_where_it_was_taken_is_left_out():
    exif = Image.Exif()
    exif[0x010F], exif[0x8825] = "Appareil secret", {1: "N", 2: (45.0, 30.0, 0.0)}
    content = picture(kind="JPEG", exif=exif)
    assert b"Appareil secret" in content
    for file in logos.check(upload(content, "a.jpg")).files.values():
        assert b"Appareil secret" not in file.read()


def test_what_hides_behind_an_image_is_left_out():
    script = b"<script>alert(1)</script>"
    content = picture() + script + b"PK\x03\x04"
    for file in logos.check(upload(content)).files.values():
        assert script not in file.read()


def bomb():
    """A PNG of a few kB that says to have 100 000 × 100 000 pixels."""
    content = bytearray(picture((64, 64)))
    content[16:24] = (100_000).to_bytes(4, "big") * 2
    content[29:33] = zlib.crc32(bytes(content[12:29])).to_bytes(4, "big")
    return bytes(content)


SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (SVG, "a.svg"),
        (SVG, "a.png"),
        (b"GIF89a" + SVG, "a.gif"),
        (picture(kind="GIF", mode="P"), "a.gif"),
        (picture(kind="GIF", mode="P"), "a.png"),
        (picture(kind="BMP"), "a.bmp"),
        (b"%PDF-1.4 %%EOF", "a.png"),
        (b"<!doctype html><script>alert(1)</script>", "a.png"),
        (picture()[:200], "a.png"),
        (picture((40, 40)), "a.png"),
        (picture((2000, 100)), "a.png"),
        (bomb(), "a.png"),
        (b"", "a.png"),
    ],
)
def test_what_is_no_logo_is_refused_in_words(desk, organization, content, name):
    with pytest.raises(documents.Refused) as refused:
        logos.check(upload(content, name))
    assert refused.value.messages[0]
    sent = opened(desk, organization, "logo")
    answer = fill(
        desk,
        organization,
        "logo",
        sent=sent | {"logo_file": upload(content, name)} if content else sent,
        logo_alt_fr="Une goutte",
    )
    assert not Logo.objects.exists()
    if content:
        assert answer.status_code == 422
        assert 'href="#id_logo"' in answer.content.decode()
        # The words that came along are not lost with the image.
        assert "Une goutte" in answer.content.decode()


def test_image_of_a_hundred_megabytes_is_refused(desk, organization):
    sent = opened(desk, organization, "logo")
    file = upload(picture() + b"\0" * 100_000_000)
    answer = fill(desk, organization, "logo", sent=sent | {"logo_file": file})
    assert answer.status_code in (400, 413, 422)
    assert not Logo.objects.exists()


def test_logo_is_kept_in_the_draft_and_waits_for_the_staff(desk, organization):
    sent = opened(desk, organization, "logo") | {"logo_file": upload(picture())}
    answer = fill(desk, organization, "logo", sent=sent, logo_alt_fr="Une goutte")
    assert answer.status_code == 302
    logo = Logo.objects.get()
    assert (logo.alt_fr, ProfileDraft.objects.get().logo) == ("Une goutte", logo)
    assert opened(desk, organization, "logo")["logo"] == [str(logo.pk)]
    answer = desk.get(address(organization, logo))
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/webp")
    assert b"".join(answer.streaming_content).startswith(b"RIFF")
    page = desk.get(reverse("space:preview", args=[organization.slug])).content.decode()
    assert address(organization, logo) in page
    send(desk, organization)
    assert ProfileProposal.objects.get().fields.get().proposed == logo.pk
    assert Organization.objects.get(pk=organization.pk).logo is None
    public = reverse("members:logo", args=[organization.pk, logo.pk, LOGO_WIDTHS[0]])
    assert desk.get(public).status_code == 404


def test_image_without_words_gets_the_name(desk, organization):
    fill(
        desk,
        organization,
        "logo",
        sent=opened(desk, organization, "logo") | {"logo_file": upload(picture())},
    )
    assert "Eau vive" in Logo.objects.get().alt_fr


def test_other_words_make_another_logo_of_the_same_image(desk, organization):
    organization.logo = kept(organization)
    organization.save()
    fill(desk, organization, "logo", logo_alt_fr="Une vague", logo_alt_en="A wave")
    second = ProfileDraft.objects.get().logo
    assert (second.alt_fr, second.alt_en) == ("Une vague", "A wave")
    assert second.stem == organization.logo.stem
    # Another try leaves no trace of the one before.
    fill(desk, organization, "logo", logo_alt_fr="Une onde")
    assert set(Logo.objects.values_list("alt_fr", flat=True)) == {"Une goutte", "Une onde"}
    assert storage().exists(f"{second.stem}-{second.sizes[0]}")


def test_logo_is_removed(desk, organization):
    organization.logo = kept(organization)
    organization.save()
    fill(desk, organization, "logo", logo_remove="1")
    assert opened(desk, organization, "logo")["logo"] == [""]
    send(desk, organization)
    field = ProfileProposal.objects.get().fields.get()
    assert (field.seen, field.proposed) == (organization.logo.pk, None)
    assert Organization.objects.get(pk=organization.pk).logo == organization.logo


def test_logo_of_another_organization_cannot_be_taken(desk, organization):
    other = OrganizationFactory()
    other.logo = kept(other)
    other.save()
    sent = opened(desk, organization, "logo")
    fill(desk, organization, "logo", sent=sent, logo=str(other.logo.pk), logo_alt_fr="À moi")
    answer = desk.get(reverse("space:send", args=[organization.slug]))
    assert "#id_logo" in answer.content.decode()
    assert desk.get(address(organization, other.logo)).status_code == 404


def test_logo_of_a_draft_is_shown_to_its_author_alone(desk, organization, client):
    sent = opened(desk, organization, "logo") | {"logo_file": upload(picture())}
    fill(desk, organization, "logo", sent=sent)
    logo = Logo.objects.get()
    luc = User.objects.create_user("luc@eau.example")
    RepresentativeFactory(user=luc, organization=organization)
    client.force_login(luc)
    assert client.get(address(organization, logo)).status_code == 404
    client.logout()
    assert client.get(address(organization, logo)).status_code == 302


def test_logo_is_only_given_in_its_widths(desk, organization):
    organization.logo = kept(organization)
    organization.save()
    assert desk.get(address(organization, organization.logo, 193)).status_code == 404


def test_logo_that_only_some_may_see_is_kept_by_no_cache_in_between(client):
    hidden, shown = OrganizationFactory(lapsed=True), OrganizationFactory()
    paths = []
    for organization in (hidden, shown):
        organization.logo = kept(organization)
        organization.save()
        paths.append(
            reverse("members:logo", args=[organization.pk, organization.logo.pk, LOGO_WIDTHS[0]])
        )

    def whose(path):
        answer = client.get(path)
        if answer.streaming:
            b"".join(answer.streaming_content)
        return answer.headers.get("Cache-Control", "").split(",")[0]

    assert client.get(paths[0]).status_code == 404
    assert whose(paths[1]) == "public"
    client.force_login(make_user(Role.PERMANENCE))
    assert [whose(path) for path in paths] == ["private", "private"]
