using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Cli;

/// <summary>What the tool does while its node is dead.</summary>
public sealed partial class LostNodeTests(SharedRedis redis)
{
    /// <summary>Well before the next try that is five seconds away; a busy machine may miss it, but not in every round.</summary>
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(3);

    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();

    [Fact]
    public async Task The_chat_counts_down_to_the_next_try_and_what_was_written_meanwhile_arrives()
    {
        await using var node = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        using var annsMachine = new ToolUser(node.BaseAddress, _pair.Ann);
        using var bobsMachine = new ToolUser(node.BaseAddress, _pair.Bob);
        await using var ann = Terminal.Start(annsMachine, "chat", $"{_pair.Bob}");
        await using var bob = Terminal.Start(bobsMachine, "chat", $"{_pair.Ann}");
        await ann.ShowsAsync("online");
        await bob.ShowsAsync("online");

        await node.KillAsync();
        await ann.HasShownAsync(@"^ Reconnecting, next try in [0-9]+ s \(Enter: now\): ");
        await ann.EnterAsync("still there?");
        await ann.ShowsAsync(@"still there\?  sending$");
        await node.RestartAsync();

        await ann.ShowsAsync(@"still there\?  delivered$");
        await bob.ShowsAsync(@"still there\?$");
    }

    [Theory]
    [InlineData("")]
    [InlineData("/retry")]
    public async Task Who_does_not_want_to_wait_for_the_next_try_has_it_at_once(string line)
    {
        await using var node = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        using var annsMachine = new ToolUser(node.BaseAddress, _pair.Ann);
        using var bobsMachine = new ToolUser(node.BaseAddress, _pair.Bob);
        await using var ann = Terminal.Start(annsMachine, "chat", $"{_pair.Bob}");
        await using (Terminal.Start(bobsMachine, "chat", $"{_pair.Ann}"))
        {
            await ann.ShowsAsync("online");
        }

        await node.KillAsync();

        // Whoever takes the dead node's place sees every try, and lets none succeed. Only Ann is left to try.
        using var deadEnd = new TcpListener(IPAddress.Loopback, node.BaseAddress.Port);
        deadEnd.Start();
        var soonest = TimeSpan.MaxValue;
        for (var round = 0; round < 5 && soonest > Soon; round++)
        {
            await NoTryIsLeftAsync(deadEnd, until: () => SecondsOn(ann) >= 5);
            var watch = Stopwatch.StartNew();
            await ann.EnterAsync(line);
            await NextTryAsync(deadEnd);
            soonest = watch.Elapsed;
        }

        Assert.InRange(soonest, TimeSpan.Zero, Soon);
    }

    [Fact]
    public async Task While_it_waits_for_the_peer_the_tool_says_that_the_server_does_not_answer()
    {
        await using var node = await NodeProcess.StartAsync(redis.Server.ConnectionString);
        using var annsMachine = new ToolUser(node.BaseAddress, _pair.Ann);
        using var bobsMachine = new ToolUser(node.BaseAddress, _pair.Bob);
        await using var ann = Terminal.Start(annsMachine, "chat", $"{_pair.Bob}");
        await ann.WritesAsync($"Waiting for user {_pair.Bob}, 4:");

        await node.KillAsync();
        await ann.WritesAsync("The server does not answer; trying again, 4:");
        await node.RestartAsync();

        await using var bob = Terminal.Start(bobsMachine, "chat", $"{_pair.Ann}");
        await ann.ShowsAsync("online");
    }

    [Fact]
    public async Task In_a_pipe_a_node_that_does_not_come_back_is_told_by_code_6()
    {
        await using var node = await NodeProcess.StartAsync(redis.Server.ConnectionString);

        // Bob's patience is short, and longer where the machine was too busy to connect within it.
        var wait = 3;
        while (!await IsToldAsync(node, wait))
        {
            Assert.True(wait < 40, "Bob never connected.");
            wait *= 4;
        }
    }

    /// <summary>Bob waits for so many seconds. False: he gave up before he was connected.</summary>
    private static async Task<bool> IsToldAsync(NodeProcess node, int wait)
    {
        var pair = Pairs.Fresh();
        using var annsMachine = new ToolUser(node.BaseAddress, pair.Ann);
        using var bobsMachine = new ToolUser(node.BaseAddress, pair.Bob);
        await using var ann = annsMachine.Run("receive", $"{pair.Bob}", "--json");

        // Ann is there before he asks, however slowly a process starts.
        await ann.PrintsAsync("\"waiting_for_peer\"");
        await using var bob = bobsMachine.Run("send", $"{pair.Ann}", "--wait", $"{wait}");
        if (!await bob.PrintsBeforeItsEndAsync("Connected."))
        {
            return false;
        }

        await ann.PrintsAsync("\"connected\"");

        await node.KillAsync();

        await bob.EndsWithAsync(6);
        Assert.Contains($"The server did not come back within {wait} s", bob.Errors, StringComparison.Ordinal);
        await ann.PrintsAsync("\"next_try_in_ms\":");
        Assert.Contains(ann.Lines, line => line.Contains("\"reconnecting\"", StringComparison.Ordinal));
        return true;
    }

    /// <summary>Lets tries come and fail until this holds.</summary>
    private static Task NoTryIsLeftAsync(TcpListener deadEnd, Func<bool> until) => Eventually.HoldsAsync("the next try is far away", async () =>
    {
        while (deadEnd.Pending())
        {
            await NextTryAsync(deadEnd);
        }

        return until();
    }, TimeSpan.FromSeconds(90));

    private static async Task NextTryAsync(TcpListener deadEnd)
    {
        using var attempt = await deadEnd.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
    }

    /// <summary>The count-down to the next try; 0 where there is none.</summary>
    private static int SecondsOn(Terminal terminal) =>
        terminal.Screen.Select(row => CountDown().Match(row)).FirstOrDefault(match => match.Success) is { } found
            ? int.Parse(found.Groups[1].ValueSpan, CultureInfo.InvariantCulture)
            : 0;

    [GeneratedRegex("^ Reconnecting, next try in ([0-9]+) s")]
    private static partial Regex CountDown();
}
