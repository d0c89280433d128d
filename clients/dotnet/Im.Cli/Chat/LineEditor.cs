using System.Globalization;
using System.Text;
using Im.Cli.Output;

namespace Im.Cli.Chat;

/// <summary>The line that is being written. Moves and deletes by what people see as one character, not by code units.</summary>
/// <param name="maxBytes">Of UTF-8; what would go beyond is not taken.</param>
internal sealed class LineEditor(int maxBytes)
{
    private const int MaxRecalled = 100;

    private readonly List<string> _recalled = [];
    private int _recall;
    private string _text = "";
    private int _cursor;

    public string Text => _text;

    /// <summary>What of the line fits, so that the cursor is in it.</summary>
    /// <param name="width">Cells, the cursor's included.</param>
    /// <returns>The part to show, harmless, and the cursor's place in it in cells.</returns>
    public (string Shown, int Cursor) View(int width)
    {
        var before = Shown(_text[.._cursor]);
        var start = 0;
        while (start < before.Length && CellsOf(before[start..]) > width - 1)
        {
            start += StringInfo.GetNextTextElementLength(before, start);
        }

        var shown = new StringBuilder(before[start..]);
        var cursor = CellsOf(before[start..]);
        var cells = cursor;
        foreach (var element in Elements(Shown(_text[_cursor..])))
        {
            cells += CellsOf(element);
            if (cells > width)
            {
                break;
            }

            shown.Append(element);
        }

        return (shown.ToString(), cursor);
    }

    /// <summary>Takes a key; the finished line, if it was Enter.</summary>
    public string? Take(ConsoleKeyInfo key)
    {
        var control = key.Modifiers.HasFlag(ConsoleModifiers.Control);
        switch (key.Key)
        {
            case ConsoleKey.Enter:
                return Finish();
            case ConsoleKey.Backspace when _cursor > 0:
                Remove(Before(), _cursor);
                break;
            case ConsoleKey.Delete:
                Remove(_cursor, After());
                break;
            case ConsoleKey.LeftArrow:
                _cursor = Before();
                break;
            case ConsoleKey.RightArrow:
                _cursor = After();
                break;
            case ConsoleKey.UpArrow:
                Recall(_recall - 1);
                break;
            case ConsoleKey.DownArrow:
                Recall(_recall + 1);
                break;
            case ConsoleKey.Home:
            case ConsoleKey.A when control:
                _cursor = 0;
                break;
            case ConsoleKey.End:
            case ConsoleKey.E when control:
                _cursor = _text.Length;
                break;
            case ConsoleKey.U when control:
                Remove(0, _cursor);
                break;
            case ConsoleKey.K when control:
                Remove(_cursor, _text.Length);
                break;
            case ConsoleKey.W when control:
                Remove(_text.AsSpan(0, _cursor).TrimEnd().LastIndexOf(' ') + 1, _cursor);
                break;
            default:
                Insert(key.Modifiers.HasFlag(ConsoleModifiers.Alt) ? '\0' : key.KeyChar);
                break;
        }

        return null;
    }

    private static string Shown(string text) => VisibleText.Of(text);

    private static int CellsOf(string text) => Cells.Of(text);

    private static IEnumerable<string> Elements(string text)
    {
        var elements = StringInfo.GetTextElementEnumerator(text);
        while (elements.MoveNext())
        {
            yield return elements.GetTextElement();
        }
    }

    private void Insert(char c)
    {
        // A pair of surrogates comes as two keys; between the two the line has half a character.
        if ((c == '\t' || !char.IsControl(c)) && Encoding.UTF8.GetByteCount(_text) + 3 <= maxBytes)
        {
            _text = _text.Insert(_cursor++, c.ToString());
        }
    }

    private void Remove(int from, int to)
    {
        _text = _text.Remove(from, to - from);
        _cursor = from;
    }

    private int Before()
    {
        var place = 0;
        foreach (var element in Elements(_text[.._cursor]))
        {
            if (place + element.Length >= _cursor)
            {
                break;
            }

            place += element.Length;
        }

        return place;
    }

    private int After() => _cursor == _text.Length ? _cursor : _cursor + StringInfo.GetNextTextElementLength(_text, _cursor);

    private string Finish()
    {
        var line = _text;
        _text = "";
        _cursor = 0;
        if (line.Length > 0 && _recalled.LastOrDefault() != line)
        {
            _recalled.Add(line);
            if (_recalled.Count > MaxRecalled)
            {
                _recalled.RemoveAt(0);
            }
        }

        _recall = _recalled.Count;
        return line;
    }

    private void Recall(int index)
    {
        if (index < 0 || index > _recalled.Count)
        {
            return;
        }

        _recall = index;
        _text = index == _recalled.Count ? "" : _recalled[index];
        _cursor = _text.Length;
    }
}
