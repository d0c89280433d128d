using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Im.Cli.Chat;

/// <summary>
/// Draws the chat: a head, the transcript, a line of state, the line being written. Every picture overwrites the whole
/// alternate screen in one write, and leaving it leaves nothing of the conversation in the terminal.
/// </summary>
/// <param name="console">The terminal.</param>
/// <param name="state">What to show.</param>
/// <param name="editor">The line being written.</param>
internal sealed class Screen(IAnsiConsole console, ChatState state, LineEditor editor)
{
    /// <summary>Head, state, line being written.</summary>
    private const int FixedRows = 3;

    private const int MinWidth = 20;
    private const string Prompt = "> ";

    // Without autowrap, a character that the terminal takes for wider than we do spoils its own line and no other.
    private const string Enter = "\e[?1049h\e[?7l\e[2J";
    private const string Leave = "\e[?7h\e[?1049l";
    private const string Begin = "\e[?25l\e[H";
    private const string ClearRest = "\e[K";

    private static readonly Style Bar = new(decoration: Decoration.Invert);
    private static readonly Style BarWarning = new(Color.Yellow, decoration: Decoration.Invert);
    private static readonly Style Dim = new(decoration: Decoration.Dim);
    private static readonly Style BannerStyle = new(Color.Black, Color.Yellow);

    private readonly EntryLines _lines = new(RenderOptions.Create(console, console.Profile.Capabilities), state.Peer);

    /// <summary>Rows of the transcript at present: what one page up or down is.</summary>
    public int Page => Math.Max(1, console.Profile.Height - FixedRows);

    public void Open() => console.Write(new ControlCode(Enter));

    public void Close() => console.Write(new ControlCode(Leave));

    /// <summary>Draws everything.</summary>
    public void Draw()
    {
        var width = Math.Max(MinWidth, console.Profile.Width);
        var (shown, cursor) = editor.View(width - Prompt.Length);
        var rows = new List<IEnumerable<Segment>> { Head(width) };
        rows.AddRange(Transcript(width));
        rows.Add(StateLine(width));
        rows.Add([new Segment(Prompt, Dim), new Segment(shown)]);

        var picture = new List<Segment> { Segment.Control(Begin) };
        foreach (var row in rows)
        {
            if (picture.Count > 1)
            {
                picture.Add(Segment.LineBreak);
            }

            picture.AddRange(Segment.Truncate(row, width));
            picture.Add(Segment.Control(ClearRest));
        }

        picture.Add(Segment.Control(string.Create(CultureInfo.InvariantCulture, $"\e[{rows.Count};{Prompt.Length + cursor + 1}H\e[?25h")));
        console.Write(new Picture(picture));
    }

    private List<Segment> Head(int width)
    {
        var presence = state.IsPeerOnline switch
        {
            true => "online",
            false => "not connected",
            null => "unknown",
        };
        var left = $" user {state.Peer}: {presence} ";
        var right = state.ServerCouldRead switch
        {
            true => " SERVER KEY: the server could read ",
            false => " end to end, /safety ",
            null => "",
        };
        var gap = Math.Max(0, width - left.Length - right.Length);
        return [new Segment(left + new string(' ', gap), Bar), new Segment(right, state.ServerCouldRead is true ? BarWarning : Bar)];
    }

    /// <summary>As many of the last lines as there is room for; empty ones above while there are too few.</summary>
    private IEnumerable<SegmentLine> Transcript(int width)
    {
        var wanted = Page + state.ScrolledUp;
        var last = new List<SegmentLine>();
        var entries = state.Transcript.Entries;
        for (var i = entries.Count - 1; i >= 0 && last.Count < wanted; i--)
        {
            last.InsertRange(0, _lines.Of(entries[i], width));
        }

        // Not beyond the oldest line.
        state.ScrolledUp = Math.Clamp(last.Count - Page, 0, state.ScrolledUp);
        var end = last.Count - state.ScrolledUp;
        var page = last.GetRange(Math.Max(0, end - Page), Math.Min(Page, end));
        return Enumerable.Repeat(new SegmentLine(), Page - page.Count).Concat(page);
    }

    private List<Segment> StateLine(int width)
    {
        if (Banner.Of(state) is { } banner)
        {
            return [new Segment($" {banner} ".PadRight(width), BannerStyle)];
        }

        var text = state.ScrolledUp > 0 ? $"{state.ScrolledUp} more lines below, Page Down"
            : state.IsPeerTyping ? $"user {state.Peer} is typing"
            : "/help";
        return [new Segment($"-- {text} ".PadRight(width, '-'), Dim)];
    }

    /// <summary>Segments as they are.</summary>
    private sealed class Picture(List<Segment> segments) : Renderable
    {
        protected override IEnumerable<Segment> Render(RenderOptions options, int maxWidth) => segments;
    }
}
