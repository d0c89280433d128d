using Im.Cli.Chat;

namespace Im.UnitTests.Cli.Chat;

public sealed class LineEditorTests
{
    private readonly LineEditor _editor = new(1000);

    [Fact]
    public void Enter_finishes_the_line_and_begins_another()
    {
        Type("hello");

        Assert.Equal("hello", Press(ConsoleKey.Enter));
        Assert.Equal("", _editor.Text);
    }

    [Theory]
    [InlineData("a👩‍👩‍👧", "a")]
    [InlineData("ae\u0301", "a")]
    [InlineData("ab", "a")]
    public void Backspace_takes_one_character_as_people_see_it(string typed, string left)
    {
        Type(typed);

        Press(ConsoleKey.Backspace);

        Assert.Equal(left, _editor.Text);
    }

    [Fact]
    public void Keys_move_and_delete_as_in_a_shell()
    {
        Type("one two");
        Press(ConsoleKey.LeftArrow);
        Press(ConsoleKey.Delete);
        Assert.Equal("one tw", _editor.Text);
        Press(ConsoleKey.W, control: true);
        Assert.Equal("one ", _editor.Text);
        Press(ConsoleKey.A, control: true);
        Type("x");
        Assert.Equal("xone ", _editor.Text);
        Press(ConsoleKey.K, control: true);
        Assert.Equal("x", _editor.Text);
        Press(ConsoleKey.U, control: true);
        Press(ConsoleKey.Backspace);
        Press(ConsoleKey.Delete);
        Press(ConsoleKey.RightArrow);
        Assert.Equal("", _editor.Text);
    }

    [Fact]
    public void Earlier_lines_come_back()
    {
        Type("one");
        Press(ConsoleKey.Enter);
        Type("two");
        Press(ConsoleKey.Enter);

        Press(ConsoleKey.UpArrow);
        Press(ConsoleKey.UpArrow);
        Press(ConsoleKey.UpArrow);
        Assert.Equal("one", _editor.Text);
        Press(ConsoleKey.DownArrow);
        Assert.Equal("two", _editor.Text);
        Press(ConsoleKey.DownArrow);
        Assert.Equal("", _editor.Text);
    }

    [Fact]
    public void A_line_grows_no_longer_than_a_message_may_be()
    {
        var editor = new LineEditor(10);
        foreach (var c in "1234567中90123")
        {
            editor.Take(new ConsoleKeyInfo(c, ConsoleKey.None, false, false, false));
        }

        Assert.Equal("1234567中", editor.Text);
    }

    [Fact]
    public void A_control_key_writes_nothing()
    {
        Press(ConsoleKey.G, control: true);
        _editor.Take(new ConsoleKeyInfo('x', ConsoleKey.X, shift: false, alt: true, control: false));

        Assert.Equal("", _editor.Text);
    }

    [Theory]
    [InlineData("0123456789", 20, "0123456789", 10)]
    [InlineData("0123456789", 6, "56789", 5)]
    [InlineData("中中中中", 6, "中中", 4)]
    public void The_end_of_a_long_line_is_shown_with_room_for_the_cursor(string typed, int width, string shown, int cursor)
    {
        Type(typed);

        Assert.Equal((shown, cursor), _editor.View(width));
    }

    [Fact]
    public void From_its_beginning_a_long_line_is_shown_as_far_as_it_fits()
    {
        Type("0123456789");
        Press(ConsoleKey.Home);

        Assert.Equal(("012345", 0), _editor.View(6));
    }

    private void Type(string text)
    {
        foreach (var c in text)
        {
            _editor.Take(new ConsoleKeyInfo(c, ConsoleKey.None, false, false, false));
        }
    }

    private string? Press(ConsoleKey key, bool control = false) =>
        _editor.Take(new ConsoleKeyInfo(control ? (char)(key - ConsoleKey.A + 1) : '\0', key, false, false, control));
}
