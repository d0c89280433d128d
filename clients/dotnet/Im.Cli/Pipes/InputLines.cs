using System.Runtime.CompilerServices;
using System.Text;
using Im.Cli.Output;
using Im.Client;

namespace Im.Cli.Pipes;

/// <summary>The lines of a stream, each as long as a message may be.</summary>
internal static class InputLines
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Yields every line without its line feed; the last one also if none ends it.</summary>
    /// <param name="input">UTF-8. It may block as a terminal does: cancelling leaves a read behind that nobody waits for.</param>
    /// <param name="cancellationToken">Ends the waiting for input.</param>
    /// <exception cref="ToolException">A line is longer than a message may be, or is not UTF-8.</exception>
    public static async IAsyncEnumerable<string> ReadAsync(Stream input, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // One more than the longest line, for its line feed.
        var buffer = new byte[Conversation.MaxTextBytes + 1];
        var (filled, number) = (0, 0L);
        while (true)
        {
            var read = await input.ReadAsync(buffer.AsMemory(filled), CancellationToken.None).AsTask().WaitAsync(cancellationToken);
            filled += read;
            var begin = 0;
            while (buffer.AsSpan(begin, filled - begin).IndexOf((byte)'\n') is >= 0 and var length)
            {
                yield return Decode(buffer.AsSpan(begin, length), ++number);
                begin += length + 1;
            }

            buffer.AsSpan(begin, filled - begin).CopyTo(buffer);
            filled -= begin;
            if (read == 0)
            {
                if (filled > 0)
                {
                    yield return Decode(buffer.AsSpan(0, filled), ++number);
                }

                yield break;
            }

            if (filled == buffer.Length)
            {
                throw new ToolException("text_too_long", ExitCode.Failure,
                    $"Line {number + 1} is longer than {Conversation.MaxTextBytes} bytes: break it up and send from there on.");
            }
        }
    }

    private static string Decode(ReadOnlySpan<byte> line, long number)
    {
        try
        {
            return Utf8.GetString(line);
        }
        catch (DecoderFallbackException)
        {
            throw new ToolException("not_utf8", ExitCode.Failure, $"Line {number} is not UTF-8: encode binary data (base64, say) and send from there on.");
        }
    }
}
