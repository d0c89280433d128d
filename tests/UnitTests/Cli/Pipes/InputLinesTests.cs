using System.Text;
using CsCheck;
using Im.Cli.Output;
using Im.Cli.Pipes;
using Im.Client;

namespace Im.UnitTests.Cli.Pipes;

public sealed class InputLinesTests
{
    private static readonly Gen<string> AnyLine = Gen.String[Gen.Char["aé中 \r\t"], 0, 40];

    [Fact]
    public void Lines_come_out_as_they_went_in_however_the_input_is_cut() =>
        Gen.Select(AnyLine.Array[0, 20], Gen.Int[1, 9], Gen.Bool).Sample((lines, piece, ends) =>
        {
            var text = string.Join('\n', lines) + (ends && lines.Length > 0 ? "\n" : "");
            var expected = text.Length == 0 ? [] : text.EndsWith('\n') ? text[..^1].Split('\n') : text.Split('\n');
            return ReadAsync(Encoding.UTF8.GetBytes(text), piece).GetAwaiter().GetResult().SequenceEqual(expected);
        });

    [Fact]
    public async Task The_longest_line_is_as_long_as_the_longest_message()
    {
        var longest = new string('x', Conversation.MaxTextBytes);

        Assert.Equal([longest, "y"], await ReadAsync(Encoding.UTF8.GetBytes(longest + "\ny"), 10_000));

        var refused = await Assert.ThrowsAsync<ToolException>(() => ReadAsync(Encoding.UTF8.GetBytes($"first\n{longest}x\n"), 10_000));
        Assert.Equal("text_too_long", refused.Kind);
        Assert.StartsWith("Line 2 ", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_not_utf8_is_refused_by_its_line()
    {
        var refused = await Assert.ThrowsAsync<ToolException>(() => ReadAsync([(byte)'a', (byte)'\n', 0xff, (byte)'\n'], 10));

        Assert.Equal("not_utf8", refused.Kind);
        Assert.StartsWith("Line 2 ", refused.Message, StringComparison.Ordinal);
    }

    private static async Task<List<string>> ReadAsync(byte[] input, int piece)
    {
        var lines = new List<string>();
        await foreach (var line in InputLines.ReadAsync(new Pieces(input, piece), default))
        {
            lines.Add(line);
        }

        return lines;
    }

    /// <summary>Gives so many bytes at a time.</summary>
    private sealed class Pieces(byte[] content, int size) : MemoryStream(content)
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            base.ReadAsync(buffer[..Math.Min(size, buffer.Length)], cancellationToken);
    }
}
