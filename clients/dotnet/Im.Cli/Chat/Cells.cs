using Spectre.Console.Rendering;

namespace Im.Cli.Chat;

/// <summary>How wide text is on a terminal.</summary>
internal static class Cells
{
    /// <summary>Cells: two for a wide character, none for a combining one.</summary>
    public static int Of(string text) => new Segment(text).CellCount();
}
