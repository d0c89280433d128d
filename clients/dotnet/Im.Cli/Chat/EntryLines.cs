using System.Globalization;
using System.Runtime.CompilerServices;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Im.Cli.Chat;

/// <summary>Breaks entries of the transcript into lines of the terminal, and keeps them as long as nothing changes.</summary>
/// <param name="options">What the terminal can show.</param>
/// <param name="peer">The other user, by whose number their lines begin.</param>
internal sealed class EntryLines(RenderOptions options, long peer)
{
    /// <summary>The text has at least this width; on a narrower terminal its end is cut.</summary>
    private const int MinText = 8;

    private static readonly Style Dim = new(decoration: Decoration.Dim);
    private static readonly Style Own = new(Color.Aqua);
    private static readonly Style Theirs = new(Color.Lime);
    private static readonly Style Warning = new(Color.Yellow, decoration: Decoration.Bold);

    private readonly ConditionalWeakTable<ChatEntry, Broken> _broken = [];

    /// <summary>The entry's lines, none wider than this.</summary>
    public IReadOnlyList<SegmentLine> Of(ChatEntry entry, int width)
    {
        if (!_broken.TryGetValue(entry, out var broken) || broken.Width != width || broken.State != entry.State)
        {
            broken = new Broken(width, entry.State, Break(entry, width));
            _broken.AddOrUpdate(entry, broken);
        }

        return broken.Lines;
    }

    private List<SegmentLine> Break(ChatEntry entry, int width)
    {
        var (name, nameStyle, textStyle) = entry.Kind switch
        {
            EntryKind.Own => ("you", Own, Style.Plain),
            EntryKind.Theirs => (peer.ToString(CultureInfo.InvariantCulture), Theirs, Style.Plain),
            EntryKind.Note => ("-", Dim, Dim),
            EntryKind.Warning => ("!", Warning, Warning),
            _ => throw new InvalidOperationException($"No look for {entry.Kind}."),
        };
        var time = entry.At.ToString("HH:mm ", CultureInfo.InvariantCulture);
        var indent = time.Length + name.Length + 2;

        // Not markup: brackets in a text are brackets.
        var paragraph = new Paragraph(entry.Text, textStyle);
        if (entry.Kind is EntryKind.Own)
        {
            paragraph.Append($"  {entry.StateWord}", entry.State is OwnState.Lost ? Warning : Dim);
        }

        var room = Math.Max(MinText, width - indent);
        var lines = Segment.SplitLines(((IRenderable)paragraph).Render(options, room), room);
        for (var i = 0; i < lines.Count; i++)
        {
            lines[i] = i == 0
                ? [new Segment(time, Dim), new Segment(name, nameStyle), new Segment("  "), .. lines[i]]
                : [Segment.Padding(indent), .. lines[i]];
        }

        return lines;
    }

    private sealed record Broken(int Width, OwnState State, List<SegmentLine> Lines);
}
