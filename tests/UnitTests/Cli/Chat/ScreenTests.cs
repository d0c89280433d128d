using System.Text.RegularExpressions;
using Im.Cli.Chat;
using Im.Client;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Im.UnitTests.Cli.Chat;

public sealed partial class ScreenTests : IDisposable
{
    private const int Width = 60;
    private const int Height = 10;

    private readonly StringWriter _written = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 14, 2, 0, TimeSpan.Zero));
    private readonly ChatState _state;
    private readonly LineEditor _editor = new(1000);
    private readonly Screen _screen;

    public ScreenTests()
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.Standard, Out = new AnsiConsoleOutput(_written) });
        (console.Profile.Width, console.Profile.Height) = (Width, Height);
        _state = new ChatState(10, _time) { Connection = new(ConversationStatus.Connected), IsPeerOnline = true, ServerCouldRead = false };
        _screen = new Screen(console, _state, _editor);
    }

    [Fact]
    public void Own_messages_carry_their_state()
    {
        foreach (var state in Enum.GetValues<OwnState>())
        {
            _state.Transcript.Add(EntryKind.Own, $"number {(int)state}").State = state;
        }

        var rows = Draw();

        Assert.Contains("14:02 you  number 0  sending", rows);
        Assert.Contains("14:02 you  number 1  sent", rows);
        Assert.Contains("14:02 you  number 2  delivered", rows);
        Assert.Contains("14:02 you  number 3  not sent", rows);
    }

    [Fact]
    public void A_state_that_changes_is_drawn_anew()
    {
        var entry = _state.Transcript.Add(EntryKind.Own, "hello");
        Draw();
        entry.State = OwnState.Delivered;

        Assert.Contains("14:02 you  hello  delivered", Draw());
    }

    [Fact]
    public void A_text_is_neither_markup_nor_control()
    {
        _state.Transcript.Add(EntryKind.Theirs, "[red]x[/] \e[2J\e]0;t\a\u009b1m\nim");

        Assert.Contains("14:02 10  [red]x[/] ␛[2J␛]0;t␇\ufffd1m␊im", Draw());
        Assert.DoesNotContain("\e[2J", _written.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_being_written_is_harmless_too()
    {
        _editor.Take(new ConsoleKeyInfo('\u202e', ConsoleKey.None, false, false, false));

        Assert.Equal("> \ufffd", Draw()[^1]);
    }

    [Fact]
    public void A_long_text_is_broken_and_its_lines_are_set_in()
    {
        _state.Transcript.Add(EntryKind.Theirs, new string('x', 60));

        var rows = Draw();

        Assert.Contains("14:02 10  " + new string('x', 50), rows);
        Assert.Contains(new string(' ', 10) + new string('x', 10), rows);
    }

    [Fact]
    public void Every_picture_has_as_many_rows_as_the_terminal_and_none_is_wider()
    {
        for (var i = 0; i < 30; i++)
        {
            _state.Transcript.Add(EntryKind.Theirs, $"line {i} " + new string('中', i));
            Assert.Equal(Height, Draw().Length);
        }

        Assert.All(Draw(), row => Assert.InRange(Cells.Of(row), 0, Width));
    }

    [Fact]
    public void Scrolling_stops_at_the_oldest_line_and_says_what_is_below()
    {
        for (var i = 0; i < 20; i++)
        {
            _state.Transcript.Add(EntryKind.Theirs, $"line {i}");
        }

        _state.ScrolledUp = 1000;
        var rows = Draw();

        Assert.Equal("14:02 10  line 0", rows[1]);
        Assert.StartsWith("-- 13 more lines below", rows[^2], StringComparison.Ordinal);
        Assert.Equal(13, _state.ScrolledUp);
    }

    [Fact]
    public void The_head_says_who_is_there_and_who_could_read()
    {
        Assert.Matches("^ user 10: online .*end to end", Draw()[0]);
        (_state.IsPeerOnline, _state.ServerCouldRead) = (false, true);
        Assert.Matches("^ user 10: not connected .*the server could read", Draw()[0]);
    }

    [Fact]
    public void The_line_of_state_says_that_the_peer_types()
    {
        _state.IsPeerTyping = true;

        Assert.StartsWith("-- user 10 is typing ", Draw()[^2], StringComparison.Ordinal);
    }

    [Fact]
    public void Leaving_gives_the_terminal_back_as_it_was()
    {
        _screen.Open();
        _screen.Close();

        Assert.Equal("\e[?1049h\e[?7l\e[2J\e[?7h\e[?1049l", _written.ToString());
    }

    [Fact]
    public void The_transcript_forgets_its_oldest_lines()
    {
        for (var i = 0; i <= Transcript.MaxEntries; i++)
        {
            _state.Transcript.Add(EntryKind.Note, $"{i}");
        }

        Assert.Equal((Transcript.MaxEntries, "1"), (_state.Transcript.Entries.Count, _state.Transcript.Entries[0].Text));
    }

    public void Dispose() => _written.Dispose();

    /// <summary>The rows as a person sees them.</summary>
    private string[] Draw()
    {
        _written.GetStringBuilder().Clear();
        _screen.Draw();
        return [.. Control().Replace(_written.ToString(), "").Split('\n').Select(row => row.TrimEnd())];
    }

    [GeneratedRegex("\e\\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Control();
}
