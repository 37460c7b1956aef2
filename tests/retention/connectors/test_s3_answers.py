"""What the S3 connector makes of answers that no test server gives: told apart, matched by name, never believed."""

from __future__ import annotations

import dataclasses

import pytest

from retention.connectors.base import Item, State, TroubleError
from retention.connectors.s3 import S3Connector
from tests.retention.connectors.s3_servers import answering, listed, place


def test_names_that_a_server_encodes():
    """S3 itself encodes names as in an address; those that XML cannot carry are deleted one by one."""
    versions = (
        "<ListVersionsResult><EncodingType>url</EncodingType><KeyMarker></KeyMarker><IsTruncated>false</IsTruncated>"
        "<Version><Key>acme/ctrl%01.txt</Key><VersionId>1</VersionId><Size>1</Size></Version>"
        "<Version><Key>acme/a+b%2Bc%0D.txt</Key><VersionId>2</VersionId><Size>1</Size></Version></ListVersionsResult>"
    )
    uploads = (
        "<ListMultipartUploadsResult><EncodingType>url</EncodingType><Upload><Key>acme/a+b%2Bc%01</Key>"
        "<UploadId>3</UploadId></Upload></ListMultipartUploadsResult>"
    )
    asked = []
    with answering((200, versions), (200, uploads), (204, ""), asked=asked) as server:
        connector = S3Connector(place(server))
        items = listed(connector)
        assert [item.name for item in items] == ["acme/ctrl\x01.txt", "acme/a b+c\r.txt", "acme/a b+c\x01"]
        assert {outcome.state for outcome in connector.erase(items)} == {State.GONE}
    assert all("encoding-type=url" in line for line in asked[:2])
    assert asked[2:] == [
        "DELETE /evidence/acme/ctrl%01.txt?versionId=1", "DELETE /evidence/acme/a%20b%2Bc%0D.txt?versionId=2",
        "DELETE /evidence/acme/a%20b%2Bc%01?uploadId=3",
    ]  # fmt: skip


REFUSED = (
    "<DeleteResult><Error><Key>acme/a</Key><VersionId>1</VersionId><Code>AccessDenied</Code></Error></DeleteResult>"
)


@pytest.mark.parametrize(
    ("answer", "state", "code"),
    [((403, "AccessDenied"), State.KEPT, "denied"), ((503, "SlowDown"), State.AGAIN, "throttled")],
)
def test_a_policy_is_told_apart_from_a_lock(answer, state, code):
    """Who is refused and may not look either meets a policy; who could not look, now, does not know yet."""
    asked = []
    with answering((200, REFUSED), answer, asked=asked) as server:
        (outcome,) = S3Connector(place(server)).erase([Item("version", "acme/a", "1")])
    assert (outcome.state, outcome.code) == (state, code)
    assert len(asked) == (4 if state == State.KEPT else 2), "the head, the hold and the retention were asked for"


def test_nobody_listens():
    with answering((200, "")) as gone:
        pass
    with pytest.raises(TroubleError) as trouble:
        S3Connector(place(gone)).check()
    assert trouble.value.code == "unreachable"


@pytest.mark.parametrize(
    ("status", "code", "trouble"),
    [
        (403, "AccessDenied", "denied"), (403, "InvalidAccessKeyId", "credentials"), (400, "ExpiredToken", "credentials"),
        (403, "SignatureDoesNotMatch", "credentials"), (400, "InvalidToken", "credentials"),
        (403, "RequestTimeTooSkewed", "credentials"), (404, "NoSuchBucket", "vanished"), (503, "SlowDown", "throttled"),
        (503, "", "throttled"), (500, "InternalError", "unreachable"), (429, "TooManyRequests", "throttled"),
        (200, "SlowDown", "throttled"), (403, "SomethingNew", "denied"), (502, "<html>no</html>", "unreachable"),
        (301, "PermanentRedirect", "wrong_region"), (301, "<html>https</html>", "failed"), (400, "AuthorizationHeaderMalformed", "wrong_region"),
        (501, "NotImplemented", "failed"), (400, "SomethingNew", "failed"), (200, "<not xml", "unreachable"),
    ],
)  # fmt: skip
def test_i56_each_answer_is_told_apart(status, code, trouble):
    with answering((status, code)) as server:
        connector = S3Connector(place(server))
        erasing = [Item("version", "acme/secret-name", "1")]
        for attempt in (connector.check, lambda: listed(connector), lambda: connector.erase(erasing)):
            with pytest.raises(TroubleError) as told:
                attempt()
            assert told.value.code == trouble
            assert "secret-name" not in str(told.value)


@pytest.mark.parametrize("item", [Item("version", "acme/\x01", "1"), Item("upload", "acme/a", "1")])
@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        (403, "AccessDenied", State.KEPT), (500, "InternalError", State.AGAIN),
        (500, "SomethingNew", State.AGAIN), (404, "NoSuchUpload", State.GONE),
        (404, "NoSuchVersion", State.GONE), (503, "SlowDown", None), (400, "ExpiredToken", None),
        (404, "NoSuchBucket", None),
    ],
)  # fmt: skip
def test_a_single_refusal_is_one_items_and_the_stores_trouble_is_the_whole_calls(item, status, code, state):
    with answering((status, code)) as server:
        connector = S3Connector(place(server))
        if state:
            assert [outcome.state for outcome in connector.erase([item])] == [state]
        else:
            with pytest.raises(TroubleError):
                connector.erase([item])


def test_an_empty_answer_is_no_success():
    empty = '<?xml version="1.0"?><DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"></DeleteResult>'
    for body in (empty, ""):
        with answering((200, body)) as server:
            (outcome,) = S3Connector(place(server)).erase([Item("version", "acme/a", "1")])
            assert outcome.state == State.AGAIN


def answers(*rows):
    """A ``DeleteResult``: rows of (key, version, code or empty, a marker's version)."""
    body = ""
    for key, version, code, marker in rows:
        said = f"<Key>{key}</Key>" + (f"<VersionId>{version}</VersionId>" if version else "")
        said += f"<DeleteMarker>true</DeleteMarker><DeleteMarkerVersionId>{marker}</DeleteMarkerVersionId>" * bool(
            marker
        )
        body += f"<Error>{said}<Code>{code}</Code></Error>" if code else f"<Deleted>{said}</Deleted>"
    return 200, f"<DeleteResult>{body}</DeleteResult>"


GONE, KEPT, AGAIN = State.GONE, State.KEPT, State.AGAIN


@pytest.mark.parametrize(
    ("asked", "rows", "states"),
    [
        # a key that is slowed down is asked again, as is one that nothing was said of
        (["a 1", "b 1", "c 1", "d 1"], ["a 1", "b 1 SlowDown", "c 1 InternalError"], [GONE, AGAIN, AGAIN, AGAIN]),
        (["a 1", "a 2"], ["a", "a"], [GONE, GONE]),  # no versions, but as many answers
        (["a 1", "a 2"], ["a"], [AGAIN, AGAIN]),  # one of them
        (["a 1", "a 2"], ["a 1", "a"], [GONE, GONE]),
        (["a 1", "a 2"], ["a - AccountProblem"], [KEPT, KEPT]),
        (["a 1"], ["a 1", "a 1 InternalError"], [AGAIN]),  # said both: the worse
        (["a 1"], ["a - - 9"], [AGAIN]),  # it wrote a marker instead of deleting a version
        (["a null"], ["a - - 9"], [AGAIN]),
        (["a null"], ["a"], [GONE]),
        (["a 9"], ["a - - 9"], [GONE]),  # it deleted the marker
        (["a 1"], ["b 1", "a 2"], [AGAIN]),
        (["a%20b 1", "a+b 2", "ü 3"], ["a%2520b 1", "a%2Bb 2", "%C3%BC 3"], [GONE, GONE, GONE]),
        (["u\u0308 1"], ["ü 1"], [GONE]),
        (["a%20b null"], ["a%2520b null"], [AGAIN]),  # may be another object: every one has a version of that name
        (["a 1"], ["a 1 NoSuchVersion"], [GONE]),
    ],
)  # fmt: skip
def test_each_item_is_answered_for_by_name(asked, rows, states):
    split = [(*row.split(), "", "", "")[:4] for row in rows]
    with answering(answers(*([word.strip("-") for word in row] for row in split))) as server:
        outcomes = S3Connector(place(server, "")).erase([Item("version", *name.split()) for name in asked])
    assert [outcome.state for outcome in outcomes] == states


def test_the_next_page_begins_where_an_encoded_marker_says():
    page = (
        "<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>true</IsTruncated>"
        "<NextKeyMarker>acme/a+b%2B%01</NextKeyMarker><NextVersionIdMarker>7</NextVersionIdMarker></ListVersionsResult>"
    )
    asked = []
    with answering(
        (200, page), (200, "<ListVersionsResult/>"), (200, "<ListMultipartUploadsResult/>"), asked=asked
    ) as s:
        assert listed(S3Connector(place(s))) == []
    assert "key-marker=acme%2Fa%20b%2B%01&" in asked[1]
    assert "version-id-marker=7" in asked[1]


def test_a_listing_that_never_goes_on_ends():
    body = "<ListVersionsResult><IsTruncated>true</IsTruncated></ListVersionsResult>"
    with answering((200, body)) as server, pytest.raises(TroubleError):
        listed(S3Connector(place(server)))


def test_a_servers_wider_answer_is_not_believed():
    versions = (
        "<ListVersionsResult><IsTruncated>false</IsTruncated><Version><Key>acme2/x</Key><VersionId>1</VersionId>"
        "<Size>1</Size></Version></ListVersionsResult>"
    )
    uploads = (
        "<ListMultipartUploadsResult><Upload><Key>acme2/x</Key><UploadId>1</UploadId></Upload>"
        "</ListMultipartUploadsResult>"
    )
    with answering((200, versions), (200, uploads)) as server:
        assert list(S3Connector(place(server)).pages()) == []


@pytest.mark.parametrize(("account", "sent"), [("123456789012", "123456789012"), ("Acme Ltd", None)])
def test_who_has_to_own_the_bucket_and_what_older_servers_want(account, sent):
    headers = []
    with answering(answers(("acme/a", "1", "", "")), headers=headers) as server:
        S3Connector(dataclasses.replace(place(server), account=account)).erase([Item("version", "acme/a", "1")])
    assert headers[0].get("x-amz-expected-bucket-owner") == sent
    assert headers[0]["content-md5"]
    assert "x-amz-bypass-governance-retention" not in headers[0]


@pytest.mark.parametrize(
    ("change", "trouble"),
    [
        ({"selector": "files-eu/acme"}, "wrong_kind"), ({"selector": "files-eu"}, "wrong_kind"),
        ({"selector": ""}, "wrong_kind"), ({"settings": {"within": {"selector": "files-eu/other/"}}}, "wrong_kind"),
        ({"settings": {"endpoint_url": "nonsense"}}, "failed"), ({"secrets": {"access_key_id": "half"}}, "credentials"),
    ],
)  # fmt: skip
def test_a_place_that_cannot_be_opened(change, trouble):
    with answering((200, "")) as server:
        whole = dataclasses.replace(place(server), selector="files-eu/acme/")
        with pytest.raises(TroubleError) as told:
            S3Connector(dataclasses.replace(whole, **change))
    assert told.value.code == trouble


def test_a_key_that_may_not_be_looked_at_may_be_there():
    nothing = (200, "<ListVersionsResult/>"), (200, "<ListMultipartUploadsResult/>")
    with answering(*nothing) as server, answering((400, '{"__type": "AccessDeniedException"}')) as kms:
        connector = S3Connector(place(server, kms_key_id="k", kms_endpoint_url=kms.endpoint_url))
        (outcome,) = connector.erase(listed(connector))
    assert (outcome.state, outcome.code) == (State.KEPT, "denied")
