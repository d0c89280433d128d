using System.Text.Json;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Cli;

/// <summary>Sending and receiving in pipes, by the built tool against a node.</summary>
public sealed class PipeTests : IClassFixture<GarnetNode>, IDisposable
{
    private const int Many = 1_000;

    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();
    private readonly TestNode _node;
    private readonly ToolUser _ann;
    private readonly ToolUser _bob;

    public PipeTests(GarnetNode fixture)
    {
        _node = fixture.Node;
        _ann = new ToolUser(_node.BaseAddress, _pair.Ann);
        _bob = new ToolUser(_node.BaseAddress, _pair.Bob);
    }

    private string Ann => $"{_pair.Ann}";

    private string Bob => $"{_pair.Bob}";

    [Theory]
    [InlineData]
    [InlineData("--server-key")]
    public async Task A_thousand_lines_arrive_whole_and_in_order_and_the_sender_knows(params string[] mode)
    {
        var lines = Enumerable.Range(1, Many).Select(i => $"line {i} with \"quotes\", 中文 and {new string('x', i % 300)}").ToArray();
        await using var receiving = _bob.Run(["receive", Ann, "--count", $"{Many}", .. mode]);
        await using var sending = _ann.Run(["send", Bob, .. mode]).With(string.Join('\n', lines));

        await sending.EndsWithAsync(0);
        await receiving.EndsWithAsync(0);

        Assert.Equal(lines, receiving.Lines);
        Assert.Empty(sending.Lines);
        var statement = mode is [] ? "Safety number: " : "the server made the key and could read this conversation";
        Assert.Contains(statement, sending.Errors, StringComparison.Ordinal);
        Assert.Contains(statement, receiving.Errors, StringComparison.Ordinal);
        Assert.Empty(_ann.Files.Concat(_bob.Files));
    }

    [Fact]
    public async Task Both_may_send_at_once_and_each_prints_what_the_other_says()
    {
        await using var ann = _ann.Run("send", Bob);
        await using var bob = _bob.Run("send", Ann);
        await ann.Input.WriteAsync("from ann 1\nfrom ann 2\n");
        await bob.Input.WriteAsync("from bob\n");
        await bob.PrintsAsync("from ann 2");
        await ann.PrintsAsync("from bob");
        ann.Input.Close();
        bob.Input.Close();

        await ann.EndsWithAsync(0);
        await bob.EndsWithAsync(0);

        Assert.Equal(["from ann 1", "from ann 2"], bob.Lines);
        Assert.Equal(["from bob"], ann.Lines);
    }

    [Fact]
    public async Task Json_tells_everything_that_happens_a_line_each()
    {
        await using var receiving = _bob.Run("receive", Ann, "--count", "2", "--json");
        await receiving.PrintsAsync("waiting_for_peer");
        await using var sending = _ann.Run("send", Bob, "--json");
        await sending.PrintsAsync("\"online\":true");
        sending.With("hello\nworld\n");

        await sending.EndsWithAsync(0);
        await receiving.EndsWithAsync(0);

        Assert.Equal(
            [$$"""{"type":"message","from":{{Ann}},"id":1,"text":"hello"}""", $$"""{"type":"message","from":{{Ann}},"id":2,"text":"world"}"""],
            receiving.Lines.Where(line => line.Contains("\"message\"", StringComparison.Ordinal)));
        Assert.Equal([1L, 2], Ids(sending, "sent"));
        Assert.Equal(2, Ids(sending, "delivered").Last());
        Assert.Contains("connected", States(sending));
        Assert.Contains("waiting", States(receiving));
        Assert.Contains(sending.Json, line => Type(line) == "presence" && line.GetProperty("user_id").GetInt64() == _pair.Bob);
        Assert.Equal(SafetyNumber(sending), SafetyNumber(receiving));
        Assert.Matches(@"^(\d{5} ){11}\d{5}$", SafetyNumber(sending));
    }

    [Fact]
    public async Task A_peer_that_does_not_come_is_told_by_code_4()
    {
        // A server that is too busy to answer within the second is another matter (code 6): then it gets longer.
        for (var wait = 1; ; wait *= 5)
        {
            await using var run = _ann.Run("send", Bob, "--wait", $"{wait}", "--json").With("hello\n");
            if (await run.ExitAsync() != 6 || wait > 20)
            {
                await run.EndsWithAsync(4);
                Assert.Equal("peer_absent", Kind(run));
                return;
            }
        }
    }

    [Fact]
    public async Task A_peer_that_acknowledges_nothing_is_told_by_code_4()
    {
        // Where the machine was too busy to come so far within the three seconds, it gets longer.
        const string Told = "Of 1 lines, 1 were stored and 0 acknowledged.";
        for (var wait = 3; ; wait *= 4)
        {
            var pair = Pairs.Fresh();
            using var ann = new ToolUser(_node.BaseAddress, pair.Ann);
            await using var sending = ann.Run("send", $"{pair.Bob}", "--wait", $"{wait}", "--server-key", "--json").With("hello\n");
            await using var bob = await ByHand.TryConnectAsync(_node, pair.Bob, pair.Ann, () => sending.HasEnded);
            var code = await sending.ExitAsync();
            if (sending.Errors.Contains(Told, StringComparison.Ordinal) || wait > 40)
            {
                Assert.NotNull(bob);
                Assert.Equal((4, "peer_absent"), (code, Kind(sending)));
                Assert.Contains(Told, sending.Errors, StringComparison.Ordinal);
                Assert.Single(bob.Of("msg"));
                return;
            }
        }
    }

    [Fact]
    public async Task An_ended_conversation_is_told_by_code_5_after_all_that_was_said()
    {
        await using var receiving = _bob.Run("receive", Ann, "--json");
        await using var sending = _ann.Run("send", Bob).With("last words\n");
        await sending.EndsWithAsync(0);

        await using var ending = _ann.Run("end", Bob);
        await ending.EndsWithAsync(0);
        await receiving.EndsWithAsync(5);

        Assert.Equal("session_ended", Kind(receiving));
        Assert.Contains(receiving.Json, line => Type(line) == "message" && line.GetProperty("text").GetString() == "last words");
    }

    [Fact]
    public async Task A_peer_that_wants_new_keys_is_told_by_code_5_and_the_next_run_meets_it()
    {
        await using var first = _bob.Run("receive", Ann, "--json");
        await using var sending = _ann.Run("send", Bob).With("one\n");
        await sending.EndsWithAsync(0);

        await using var again = _ann.Run("send", Bob).With("two\n");
        await first.EndsWithAsync(5);
        Assert.Equal("new_keys_wanted", Kind(first));

        await using var second = _bob.Run("receive", Ann, "--count", "1");
        await second.EndsWithAsync(0);
        await again.EndsWithAsync(0);
        Assert.Equal(["two"], second.Lines);
    }

    [Theory]
    [InlineData("login", "ann", "--password-stdin")]
    [InlineData("end", "999")]
    [InlineData("send", "999", "--wait", "1")]
    public async Task A_server_that_is_not_there_is_told_by_code_6(params string[] words)
    {
        _ann.Environment["IM_SERVER"] = $"http://127.0.0.1:{FreePort.Find()}";
        await using var run = _ann.Run([.. words, "--json"]).With("x\n");

        await run.EndsWithAsync(6);

        Assert.Equal("server_unavailable", Kind(run));
    }

    [Fact]
    public async Task What_the_relay_made_up_is_warned_of_and_told_by_code_7_above_all()
    {
        await using var receiving = _ann.Run("receive", Bob, "--server-key", "--json");
        await using var bob = await ConnectByHandAsync();
        await bob.SendMsgAsync("bm90IGVuY3J5cHRlZA", id: 1);
        await receiving.PrintsAsync("refused");

        await BusyStore.RepeatAsync(() => _node.Rest.EndAsync(_pair.Bob, _pair.Ann));
        await receiving.EndsWithAsync(7);

        Assert.Contains("""{"type":"refused","id":1,"reason":"tampered"}""", receiving.Lines);
        Assert.DoesNotContain(receiving.Json, line => Type(line) == "message");
        Assert.Equal("session_ended", Kind(receiving));
    }

    [Fact]
    public async Task Modes_that_differ_are_told_with_what_to_do()
    {
        await using var waiting = _bob.Run("receive", Ann, "--json");
        await waiting.PrintsAsync("waiting_for_peer");

        await using var run = _ann.Run("send", Bob, "--server-key", "--json").With("x\n");

        await run.EndsWithAsync(1);
        Assert.Equal("key_mode_mismatch", Kind(run));
        Assert.Contains("--server-key on both sides", run.Errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task A_signal_ends_it_in_order(string signal, int code)
    {
        await using var run = _bob.Run("receive", Ann, "--json");
        await run.PrintsAsync("waiting_for_peer");

        await run.SignalAsync(signal);

        await run.EndsWithAsync(code);
        Assert.Equal("", run.Errors);
    }

    [Fact]
    public async Task A_bad_line_is_named_and_those_before_it_arrive()
    {
        await using var receiving = _bob.Run("receive", Ann, "--count", "1");
        await using var sending = _ann.Run("send", Bob, "--json").With($"good\n{new string('x', 48_896)}\n");

        await sending.EndsWithAsync(1);
        await receiving.EndsWithAsync(0);

        Assert.Equal("text_too_long", Kind(sending));
        Assert.Contains("Line 2 ", sending.Errors, StringComparison.Ordinal);
        Assert.Equal(["good"], receiving.Lines);
    }

    [Fact]
    public async Task A_pipe_that_nobody_reads_ends_the_receiver()
    {
        await using var receiving = ToolRun.StartProgram(
            _bob.Environment, ["bash", "-c", "\"$@\" | head -n 1; exit ${PIPESTATUS[0]}", "bash", .. ToolRun.Command, "receive", Ann]);
        await using var sending = _ann.Run("send", Bob);
        await sending.Input.WriteAsync("one\n");
        await receiving.PrintsAsync("one");

        // What the reader shows before it is gone is not the end of it yet: there is more until that has been found out.
        await Eventually.HoldsAsync("the receiver ends", async () =>
        {
            await sending.Input.WriteAsync("more\n");
            return receiving.HasEnded;
        }, ToolRun.Long);
        await receiving.EndsWithAsync(1);

        Assert.Equal(["one"], receiving.Lines);
        Assert.Contains("Nobody reads the output any more", receiving.Errors, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }

    private static string? Type(JsonElement line) => line.GetProperty("type").GetString();

    private static IEnumerable<long> Ids(ToolRun run, string type) => run.Json.Where(line => Type(line) == type).Select(line => line.GetProperty("id").GetInt64());

    private static IEnumerable<string?> States(ToolRun run) => run.Json.Where(line => Type(line) == "state").Select(line => line.GetProperty("state").GetString());

    private static string? Kind(ToolRun run) => run.Json.Single(line => Type(line) == "error").GetProperty("kind").GetString();

    private static string SafetyNumber(ToolRun run) => run.Json.Single(line => Type(line) == "safety_number").GetProperty("number").GetString()!;

    private Task<SocketClient> ConnectByHandAsync() => ByHand.ConnectAsync(_node, _pair.Bob, _pair.Ann);
}
