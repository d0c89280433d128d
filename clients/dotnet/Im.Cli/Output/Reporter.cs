using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Im.Cli.Output;

/// <summary>
/// Where reports go: with <c>--json</c> each is one line of the output; otherwise messages are lines of the output and all else
/// are sentences on the error stream. Safe for concurrent use.
/// </summary>
/// <param name="output">Bytes for a pipe, a file or a terminal.</param>
/// <param name="errors">The error stream.</param>
/// <param name="isJson">Whether <c>--json</c> was given.</param>
/// <param name="isTerminal">Whether a person sees the output: then nothing of others reaches it unchanged.</param>
internal sealed class Reporter(Stream output, TextWriter errors, bool isJson, bool isTerminal)
{
    // All scripts as they are, and controls escaped. It is unsafe only for who pastes it into a web page.
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly Lock _lock = new();

    public bool IsJson => isJson;

    /// <summary>Tells it. A message is with the reader of the output when this returns.</summary>
    /// <exception cref="ToolException">Nobody reads the output any more.</exception>
    public void Tell(Report report)
    {
        lock (_lock)
        {
            if (isJson)
            {
                Write(LineOf(report));
            }
            else if (report is MessageReport message)
            {
                Write(Encoding.UTF8.GetBytes((isTerminal ? VisibleText.Of(message.Text) : message.Text) + '\n'));
            }

            // Errors are said in any case: who keeps the output in a file wants to see them.
            if (report.Sentence is { } sentence && (!isJson || report is Failure))
            {
                // A sentence may hold words of the server.
                var lines = sentence.Split('\n').Select(VisibleText.Of);
                errors.WriteLine((report is Failure ? "im: " : "") + string.Join('\n', lines));
            }
        }
    }

    private static byte[] LineOf(Report report)
    {
        var line = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(line, Json))
        {
            json.WriteStartObject();
            json.WriteString("type", report.Type);
            report.WriteFields(json);
            json.WriteEndObject();
        }

        line.Write("\n"u8);
        return line.WrittenSpan.ToArray();
    }

    private void Write(byte[] line)
    {
        try
        {
            output.Write(line);
            output.Flush();
        }
        catch (IOException)
        {
            throw new ToolException("output_closed", ExitCode.Failure, "Nobody reads the output any more: the conversation was left.");
        }
    }
}
