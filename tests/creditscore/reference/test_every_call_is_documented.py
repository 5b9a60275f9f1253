"""The pages at /docs/ show every call of the schema with all that it takes and answers."""

import re
import subprocess
from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse

from creditscore.reference.markup import marked
from creditscore.reference.members import members_of
from creditscore.reference.operation_pages import Group, Operation, reference_in
from creditscore.reference.problem_kinds import all_kinds
from creditscore.reference.schema import schema_in
from tests.support.html import Page

pytestmark = pytest.mark.django_db
REFERENCE = reference_in("en")


def operations() -> Iterator[tuple[Group, Operation]]:
    for group in REFERENCE.groups:
        for operation in group.operations:
            yield group, operation


def words_of(client: Client, address: str) -> str:
    return Page(client.get(address)).elements[0].words


def test_the_first_page_leads_to_every_call(client: Client) -> None:
    page = Page(client.get(reverse("docs")))
    shown = {(operation.method, operation.path) for _group, operation in operations()}
    schema = schema_in("en")
    assert shown == {(method.upper(), path) for path, found in schema["paths"].items() for method in found}
    for group, operation in operations():
        assert f"{reverse('reference:group', args=[group.name])}#{operation.id}" in page.links


@pytest.mark.parametrize("group", REFERENCE.groups, ids=lambda group: group.name)
def test_a_page_shows_what_a_call_takes_and_answers(client: Client, group: Group) -> None:
    words = words_of(client, reverse("reference:group", args=[group.name]))
    for operation in group.operations:
        for member in (*operation.parameters, *operation.members):
            assert member.name in words
        for answer in (*operation.successes, *operation.problems):
            assert str(answer.status) in words
            assert all(code.code in words for code in answer.codes)


@pytest.mark.parametrize("found", list(operations()), ids=lambda found: found[1].id)
def test_a_shown_command_is_one_that_a_shell_reads(client: Client, found: tuple[Group, Operation]) -> None:
    group, operation = found
    page = Page(client.get(reverse("reference:group", args=[group.name])))
    command = page.by_id(f"{operation.id}-curl").text
    path = re.sub(r"{(\w+)}", lambda found: f"${found[1].upper()}", operation.path)
    assert f"http://testserver{path}" in command.split()
    subprocess.run(["/bin/sh", "-n"], input=command, text=True, check=True)


@pytest.mark.parametrize(
    ("group", "sent"),
    [("balance", "$API_KEY"), ("predictions", "$API_KEY"), ("api-keys", "$TOKEN"), ("webhooks", "$TOKEN")],
)
def test_commands_send_a_key_where_keys_are_taken(client: Client, group: str, sent: str) -> None:
    page = Page(client.get(reverse("reference:group", args=[group])))
    [shown] = [one for one in REFERENCE.groups if one.name == group]
    for operation in shown.operations:
        assert f'"Authorization: Bearer {sent}"' in page.by_id(f"{operation.id}-curl").text


def test_examples_of_lists_name_no_address_of_another_service() -> None:
    shown = [answer.example for _group, one in operations() for answer in one.successes]
    lists = [example for example in shown if '"next"' in example]
    assert len(lists) > 3
    assert all('"next": null' in example and '"previous": null' in example for example in lists)
    assert not [example for example in shown if "api.example.org" in example]


def test_problems_of_a_call_and_of_every_call_are_all_that_the_schema_declares() -> None:
    shared = {(answer.status, code.code) for answer in REFERENCE.of_every_call for code in answer.codes}
    for _group, operation in operations():
        own = {(answer.status, code.code) for answer in operation.problems for code in answer.codes}
        responses = schema_in("en")["paths"][operation.path][operation.method.lower()]["responses"]
        declared = {
            (int(status), problem["code"])
            for status, response in responses.items()
            for problem in response.get("x-problems", [])
        }
        assert own | shared == declared
        assert not own & shared


def test_every_error_has_its_text(client: Client) -> None:
    words = words_of(client, reverse("reference:errors"))
    for kind in all_kinds():
        assert kind.code in words
        assert str(kind.detail) in words


@pytest.mark.parametrize("address", ["/docs/", "/docs/quickstart/", "/docs/errors/", "/docs/predictions/"])
def test_pages_are_in_the_readers_language(client: Client, address: str) -> None:
    assert re.search("[а-яё]", client.get(address, headers={"Accept-Language": "ru"}).content.decode())


def test_a_group_that_does_not_exist_is_not_found(client: Client) -> None:
    assert client.get("/docs/nowhere/").status_code == 404


def test_members_of_objects_in_objects_and_lists_are_unfolded() -> None:
    whole = {
        "components": {"schemas": {"Part": {"type": "object", "properties": {"a": {"type": "integer"}}}}}
    }
    listed = {"type": "array", "items": {"$ref": "#/components/schemas/Part"}}
    described = {
        "type": "object",
        "required": ["parts"],
        "properties": {"one": {"$ref": "#/components/schemas/Part"}, "parts": listed},
    }
    found = members_of(whole, described)
    assert [member.name for member in found] == ["one", "one.a", "parts", "parts[].a"]
    assert [member.required for member in found] == [False, False, True, False]


def test_texts_are_escaped_and_their_code_is_marked() -> None:
    assert marked("`a` <b> & `<c>`") == "<code>a</code> &lt;b&gt; &amp; <code>&lt;c&gt;</code>"
