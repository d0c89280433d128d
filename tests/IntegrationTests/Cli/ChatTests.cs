using System.Text.RegularExpressions;
using Im.IntegrationTests.Harness;

namespace Im.IntegrationTests.Cli;

/// <summary>The chat as a person sees it, under a pseudo terminal.</summary>
public sealed partial class ChatTests : IClassFixture<GarnetNode>, IDisposable
{
    private readonly (long Ann, long Bob) _pair = Pairs.Fresh();
    private readonly TestNode _node;
    private readonly ToolUser _ann;
    private readonly ToolUser _bob;

    public ChatTests(GarnetNode fixture)
    {
        _node = fixture.Node;
        _ann = new ToolUser(_node.BaseAddress, _pair.Ann);
        _bob = new ToolUser(_node.BaseAddress, _pair.Bob);
    }

    private string Ann => $"{_pair.Ann}";

    private string Bob => $"{_pair.Bob}";

    [Fact]
    public async Task Two_people_wait_for_each_other_see_one_safety_number_talk_and_leave()
    {
        await using var ann = Terminal.Start(_ann, "chat", Bob);
        await ann.WritesAsync($"Waiting for user {Bob}, 4:");
        await using var bob = Terminal.Start(_bob, "chat", Ann);
        await ann.ShowsAsync($"user {Bob}: online .*end to end");
        await bob.ShowsAsync($"user {Ann}: online .*end to end");
        Assert.Equal(NumberOn(ann), NumberOn(bob));

        await ann.TypeAsync("hello [red]bob[/]");
        await bob.HasShownAsync($"user {Ann} is typing");
        await ann.EnterAsync("");
        await ann.ShowsAsync(@"you  hello \[red\]bob\[/\]  delivered$");
        await bob.ShowsAsync($@"{Ann}  hello \[red\]bob\[/\]$");

        await bob.EnterAsync("hi ann");
        await ann.ShowsAsync($"{Bob}  hi ann$");

        await ann.EnterAsync("/quit");
        Assert.Equal(0, await ann.ExitAsync());
        Assert.EndsWith("<1b>[?7h<1b>[?1049l", ann.Written.TrimEnd(), StringComparison.Ordinal);
        await bob.ShowsAsync($"user {Ann}: not connected");
        Assert.Empty(_ann.Files.Concat(_bob.Files));
    }

    [Fact]
    public async Task A_hostile_text_cannot_steer_the_terminal()
    {
        await using var ann = Terminal.Start(_ann, "chat", Bob);
        await using var bob = _bob.Run("send", Ann).With("\e]0;owned\a\e[2J\u009b2J\n");

        await ann.ShowsAsync($"{Bob}  ␛\\]0;owned␇␛\\[2J\ufffd2J$");
        await bob.EndsWithAsync(0);

        Assert.DoesNotContain("<1b>]0;", ann.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_a_server_key_the_chat_says_that_the_server_could_read()
    {
        await using var ann = Terminal.Start(_ann, "chat", Bob, "--server-key");
        await using var bob = Terminal.Start(_bob, "chat", Ann, "--server-key");

        await ann.ShowsAsync("SERVER KEY: the server could read");
        await bob.ShowsAsync("the server made the key and could read this conversation");
        await bob.EnterAsync("/safety");
        await Eventually.HoldsAsync("it is said again", () => bob.Screen.Count(row => row.Contains("since it would prove nothing", StringComparison.Ordinal)) == 2);
    }

    [Fact]
    public async Task Whoever_ends_it_leaves_and_the_other_is_told_and_can_begin_anew()
    {
        await using var ann = Terminal.Start(_ann, "chat", Bob);
        await using var bob = Terminal.Start(_bob, "chat", Ann);
        await ann.ShowsAsync("online");
        await bob.ShowsAsync("online");
        var first = NumberOn(bob);

        await ann.EnterAsync("/end");
        Assert.Equal(0, await ann.ExitAsync());
        await bob.ShowsAsync(@"^ Over \(/new, /quit\)");
        await bob.EnterAsync("too late");
        await bob.ShowsAsync("Not sent: the conversation is over");

        await bob.EnterAsync("/new");
        await bob.HasShownAsync($"Waiting for user {Ann}, [45]:");
        await using var again = Terminal.Start(_ann, "chat", Bob);
        await bob.ShowsAsync("New keys");
        await again.ShowsAsync("online");
        Assert.NotEqual(first, NumberOn(again));
        await again.EnterAsync("once more");
        await bob.ShowsAsync($"{Ann}  once more$");
    }

    [Fact]
    public async Task A_peer_that_lost_its_keys_is_offered_new_ones()
    {
        await using var ann = Terminal.Start(_ann, "chat", Bob);
        await using (var bob = Terminal.Start(_bob, "chat", Ann))
        {
            await ann.ShowsAsync("online");
            await bob.ShowsAsync("online");
        }

        await using var again = Terminal.Start(_bob, "chat", Ann);
        await ann.ShowsAsync($"User {Bob} lost the keys and wants new ones: /new");
        await ann.EnterAsync("/new");
        await again.ShowsAsync("online");
        await again.EnterAsync("here again");

        await ann.ShowsAsync($"{Bob}  here again$");
    }

    [Fact]
    public async Task What_the_relay_made_up_is_a_warning_and_never_a_text()
    {
        await using var ann = Terminal.Start(_ann, "chat", Bob, "--server-key");
        await using var bob = await ByHand.ConnectAsync(_node, _pair.Bob, _pair.Ann);
        await bob.SendMsgAsync("bm90IGVuY3J5cHRlZA", id: 1);

        await ann.ShowsAsync("!  message 1 was refused: it is not what the peer wrote");
        await ann.EnterAsync("/quit");

        Assert.Equal(7, await ann.ExitAsync());
    }

    [Fact]
    public async Task Interrupted_it_gives_the_terminal_back_and_ends_with_130()
    {
        await using var ann = Terminal.Start(_ann, "chat", Bob);
        await using var bob = Terminal.Start(_bob, "chat", Ann);
        await ann.ShowsAsync("online");

        await ann.TypeAsync("\u0003");

        Assert.Equal(130, await ann.ExitAsync());
        Assert.Contains("<1b>[?7h<1b>[?1049l", ann.Written, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_password_is_asked_for_unseen()
    {
        using var somebody = new ToolUser(_node.BaseAddress);
        var name = $"eve{Pairs.User()}";
        await using var run = Terminal.Start(somebody, "register", name, $"{name}@example.com");
        await run.WritesAsync("Password:");
        await run.EnterAsync("correct horse");
        await run.WritesAsync("Again:");
        await run.EnterAsync("correct horse");

        Assert.Equal(0, await run.ExitAsync());
        Assert.DoesNotContain("correct", run.Written, StringComparison.Ordinal);
        Assert.Single(somebody.Files);
    }

    public void Dispose()
    {
        _ann.Dispose();
        _bob.Dispose();
    }

    /// <summary>The latest safety number, which stands in two rows.</summary>
    private static string NumberOn(Terminal terminal)
    {
        var halves = HalfANumber().Matches(string.Join('\n', terminal.Screen)).TakeLast(2).Select(half => half.Value).ToArray();
        Assert.Equal(2, halves.Length);
        return string.Join(' ', halves);
    }

    [GeneratedRegex(@"(\d{5} ){5}\d{5}")]
    private static partial Regex HalfANumber();
}
