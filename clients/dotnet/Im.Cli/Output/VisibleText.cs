using System.Globalization;
using System.Text;

namespace Im.Cli.Output;

/// <summary>
/// Text of others for a terminal: what would move the cursor, colour, rename the window, answer as a keyboard or turn the
/// reading direction is replaced by a sign that can be seen.
/// </summary>
internal static class VisibleText
{
    private const int FirstPicture = 0x2400;
    private const char DeletePicture = '\u2421';

    /// <summary>The same text on one line, harmless. A line break shows as ␊, so that no text can pretend to be a line of the view.</summary>
    public static string Of(string text)
    {
        if (!text.EnumerateRunes().Any(IsActive))
        {
            return text;
        }

        var visible = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsActive(rune))
            {
                visible.Append(rune.ToString());
            }
            else if (rune.Value == '\t')
            {
                visible.Append("    ");
            }
            else if (rune.Value < 0x20)
            {
                visible.Append((char)(FirstPicture + rune.Value));
            }
            else
            {
                visible.Append(rune.Value == 0x7f ? DeletePicture : '\ufffd');
            }
        }

        return visible.ToString();
    }

    /// <summary>
    /// Controls (C0, DEL, and C1, where U+009B is another ESC [), line and paragraph separators, and the formatting signs,
    /// of which the joiners alone are let through: emoji and several scripts are written with them.
    /// </summary>
    private static bool IsActive(Rune rune) => Rune.GetUnicodeCategory(rune) switch
    {
        UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => true,
        UnicodeCategory.Format => rune.Value is not (0x200c or 0x200d),
        _ => false,
    };
}
