"""The client keeps its promise against a real server process that misbehaves in every known way."""

import threading
import time
from typing import Any

import pytest

from tasks.errors import WriterError
from tasks.models.pace import Pace
from tasks.models.requests import Message, Reply, Request
from tasks.models.server import OpenAIServer
from tests.tasks.models.serving import ModelServer

SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


def request(key: str, **more: Any) -> Request:
    messages = (Message("system", "be brief"), Message("user", f"say {key}"))
    given = {"messages": messages, "temperature": 0.5, "max_tokens": 20, "seed": 4} | more
    return Request(key, **given)


def client(server: ModelServer, **options: Any) -> OpenAIServer:
    return OpenAIServer("m", base_url=server.url, **({"pause": 0} | options))


def replies(server: ModelServer, count: int = 1, **options: Any) -> list[Reply]:
    return list(client(server, **options).generate(request(str(i)) for i in range(count)))


def texts(server: ModelServer, count: int = 1, **options: Any) -> dict[str, str]:
    found = replies(server, count, **options)
    assert len(found) == count
    return {reply.key: reply.text for reply in found}


def said(count: int) -> dict[str, str]:
    return {str(i): f"SAY {i}" for i in range(count)}


def test_every_request_gets_its_own_reply(server: ModelServer) -> None:
    assert texts(server, 40) == said(40)


def test_a_reply_says_what_it_took(server: ModelServer) -> None:
    [reply] = replies(server)

    assert (reply.prompt_tokens, reply.completion_tokens, reply.error, reply.cut) == (1, 1, "", 0)


def test_model_sampling_and_messages_are_sent_as_asked(server: ModelServer) -> None:
    list(client(server).generate([request("a", stop=("\n]",))]))

    [body] = server.stats()["bodies"]
    assert {key: value for key, value in body.items() if key != "messages"} == {
        "model": "m",
        "temperature": 0.5,
        "top_p": 0.95,
        "max_tokens": 20,
        "seed": 4,
        "stop": ["\n]"],
    }
    assert [message["role"] for message in body["messages"]] == ["system", "user"]


def test_a_prompt_goes_to_the_completion_endpoint_with_its_prefill(server: ModelServer) -> None:
    [reply] = client(server).generate([request("a", messages=(), prompt="say b", prefill=" now")])

    [body] = server.stats()["bodies"]
    assert body["prompt"] == "say b now"
    assert reply.text == " nowSAY B NOW"


def test_no_more_are_in_flight_than_allowed(server: ModelServer) -> None:
    server.control(delay=0.02)

    texts(server, 12, concurrency=3)

    assert server.stats()["most"] == 3


@pytest.mark.parametrize(
    "fault",
    [
        "429",
        "429 without",
        "429 a moment",
        "500",
        "500 without",
        "503",
        "page",
        "nothing",
        "other",
        "no choice",
        "no text",
        "cut JSON",
        "dropped",
        "half",
    ],
)
def test_what_passes_by_itself_is_tried_again(server: ModelServer, fault: str) -> None:
    server.control(faults=[fault])

    assert texts(server) == said(1)
    assert server.stats()["requests"] == 2


def test_an_answer_that_never_ends_is_asked_for_again(server: ModelServer) -> None:
    server.control(faults=["slow"])

    assert texts(server, timeout=0.3) == said(1)


def test_faults_change_neither_the_texts_nor_their_number(server: ModelServer) -> None:
    server.control(faults=["429", "500", "cut JSON", "half", "", "dropped", "503", "page"] * 5)

    assert texts(server, 30, concurrency=8) == said(30)
    answered = server.stats()["answered"]
    assert set(answered.values()) == {1}, "nothing is asked again once it was answered"


def test_a_server_that_dies_and_comes_back_costs_nothing_but_time() -> None:
    with ModelServer(delay=0.02) as server:
        back = threading.Timer(0.3, server.start)
        asked = client(server, pause=0.1, concurrency=4)
        stream = asked.generate(request(str(i)) for i in range(20))
        found = [next(stream)]
        server.kill()
        back.start()
        found += stream
        back.join()

    assert {reply.key: reply.text for reply in found} == said(20)
    assert len(found) == 20


def test_retry_after_holds_everybody(server: ModelServer) -> None:
    server.control(faults=["429 a moment"])
    began = time.monotonic()

    texts(server, 3, concurrency=1)

    assert time.monotonic() - began >= 0.2


def test_a_rate_limit_that_lets_few_through_loses_none(server: ModelServer) -> None:
    server.control(every=5)

    assert texts(server, 24, concurrency=8, pause=0.005, max_retries=5) == said(24)


def test_a_quota_that_is_used_up_is_not_tried_again(server: ModelServer) -> None:
    server.control(faults=["quota"])

    with pytest.raises(WriterError, match="quota"):
        texts(server)
    assert server.stats()["requests"] == 1


def test_parameters_that_a_server_does_not_take_are_left_out_from_then_on(
    server: ModelServer,
) -> None:
    server.control(refuses={"max_tokens": "use 'max_completion_tokens'", "seed": "no such thing"})

    assert texts(server, 3, concurrency=1) == said(3)
    assert server.stats()["requests"] == 2 + 3
    last = server.stats()["bodies"][-1]
    assert last["max_completion_tokens"] == 20
    assert "seed" not in last


def test_headers_that_say_that_nothing_is_left_are_heeded(server: ModelServer) -> None:
    left = {"x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "150ms"}
    server.control(headers=left)
    began = time.monotonic()

    texts(server, 3, concurrency=1)

    assert time.monotonic() - began >= 0.3


def test_requests_a_minute_are_kept_to(server: ModelServer) -> None:
    began = time.monotonic()

    texts(server, 4, pace=Pace(requests_per_minute=1200))

    assert time.monotonic() - began >= 0.15


def test_a_refused_request_costs_only_itself(server: ModelServer) -> None:
    server.control(context=40)
    long = request("0", messages=(Message("user", "say " + "x" * 99),))

    first, second = client(server, concurrency=1).generate([long, request("1")])

    assert (first.text, second.text) == ("", "SAY 1")
    assert first.error.startswith("400")
    assert "context is too long" in first.error
    assert server.stats()["requests"] == 2


def test_a_request_that_alone_keeps_failing_costs_only_itself(server: ModelServer) -> None:
    server.control(alone="say 3", delay=0.01)

    found = {reply.key: reply for reply in replies(server, 30, concurrency=2, max_retries=4)}

    assert found.pop("3").error.startswith("it kept failing")
    assert {key: reply.text for key, reply in found.items()} == {
        key: text for key, text in said(30).items() if key != "3"
    }


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("401", "CASE2CODE_LLM_KEY"),
        ("404", "no model 'm'"),
        ("500", "keeps failing"),
        ("429", "rate limit"),
        ("other", "/v1"),
        ("slow", "CASE2CODE_LLM_TIMEOUT"),
    ],
)
def test_a_fault_that_stays_is_one_error_that_says_what_to_do(
    server: ModelServer, fault: str, words: str
) -> None:
    server.control(faults=[fault] * 9)

    with pytest.raises(WriterError, match=words):
        texts(server, max_retries=1, timeout=0.3 if fault == "slow" else 60)


def test_what_was_in_flight_when_it_failed_is_handed_on_first(server: ModelServer) -> None:
    server.control(faults=["quota"], delay=0.05)
    stream = client(server, concurrency=4).generate(request(str(i)) for i in range(20))

    found = []
    with pytest.raises(WriterError, match="quota"):
        found.extend(reply.text for reply in stream)

    assert len(found) == 3
    assert server.stats()["requests"] == 4


def test_no_server_is_an_error_that_names_the_setting() -> None:
    nobody = OpenAIServer("m", base_url="http://127.0.0.1:9/v1", max_retries=0)

    with pytest.raises(WriterError, match="CASE2CODE_LLM_URL"):
        list(nobody.generate([request("0")]))


def test_the_models_of_a_server_are_listed(server: ModelServer) -> None:
    assert client(server).models() == ("m",)


def test_a_reader_that_stops_early_leaves_nothing_running(server: ModelServer) -> None:
    stream = client(server, concurrency=2).generate(request(str(i)) for i in range(50))

    next(stream)
    stream.close()  # type: ignore[attr-defined] - a generator

    assert server.stats()["requests"] <= 5


def test_a_schema_is_used_where_the_server_was_seen_to_hold_to_one(server: ModelServer) -> None:
    server.control(schema="hold")

    found = [*client(server).generate([request(str(i), schema=SCHEMA) for i in range(3)])]

    assert [reply.text for reply in found] == ['{"a": 7}'] * 3
    assert server.stats()["requests"] == 2 + 3, "one probe for each ability, not for each request"


@pytest.mark.parametrize("way", ["ignore", "refuse"])
def test_a_schema_is_left_out_where_the_server_was_not(server: ModelServer, way: str) -> None:
    server.control(schema=way)

    [reply] = client(server).generate([request("a", schema=SCHEMA)])

    assert reply.text == "SAY A"
    assert "response_format" not in server.stats()["bodies"][-1]


def test_a_schema_that_is_refused_for_one_request_is_left_out_of_that(server: ModelServer) -> None:
    server.control(schema="hold", faults=["", "", "400"])

    [reply] = client(server).generate([request("a", schema=SCHEMA)])

    assert reply.text == "SAY A"


def test_a_begun_answer_is_gone_on_from_where_the_server_can(server: ModelServer) -> None:
    server.control(prefill=True)

    [reply] = client(server).generate([request("a", prefill="dict(a=")])

    assert reply.text == "dict(a='rows that go on'),"
    last = server.stats()["bodies"][-1]
    assert last["messages"][-1] == {"role": "assistant", "content": "dict(a="}
    assert last["continue_final_message"] is True


def test_a_begun_answer_is_left_out_where_it_cannot(server: ModelServer) -> None:
    [reply] = client(server).generate([request("a", prefill="dict(a=")])

    assert reply.text == "SAY A"
