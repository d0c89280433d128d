using System.Text.Json;
using Im.Client;

namespace Im.Cli.Output;

/// <summary>What went wrong, as the tool tells it.</summary>
/// <param name="Kind">One word in snake_case; the library's kinds and a few of the tool's own.</param>
/// <param name="ExitCode">What the tool ends with.</param>
/// <param name="Message">A sentence that says what to do next.</param>
internal sealed record Failure(string Kind, ExitCode ExitCode, string Message) : Report("error")
{
    private ImException? Error { get; init; }

    public override string Sentence
    {
        get
        {
            var faults = Error?.FieldErrors.SelectMany(of => of.Value.Select(fault => $"\n  {of.Key}: {fault}")) ?? [];
            return Message + string.Concat(faults);
        }
    }

    /// <summary>Puts any exception in the tool's words. A bug is named by its type alone: its text could hold anything.</summary>
    public static Failure Of(Exception exception) => exception switch
    {
        ImException error => new(SnakeCase(error.Kind.ToString()), CodeOf(error.Kind), error.Message + HintFor(error.Kind)) { Error = error },
        ToolException own => new(own.Kind, own.ExitCode, own.Message),
        IOException or UnauthorizedAccessException => new("io_error", ExitCode.Failure, $"{exception.Message} Mend that and try again."),
        _ => new("internal_error", ExitCode.Failure, $"This is a fault of the tool ({exception.GetType().Name}): please report it."),
    };

    /// <summary>The table of README.md.</summary>
    public static ExitCode CodeOf(ImErrorKind kind) => kind switch
    {
        ImErrorKind.InvalidInput => ExitCode.Usage,
        ImErrorKind.WrongCredentials or ImErrorKind.Unauthenticated => ExitCode.Unauthenticated,
        ImErrorKind.PeerAbsent => ExitCode.PeerAbsent,
        ImErrorKind.SessionEnded or ImErrorKind.SessionLost or ImErrorKind.TakenOver => ExitCode.SessionOver,
        ImErrorKind.ServerUnavailable or ImErrorKind.RateLimited => ExitCode.ServerUnavailable,
        ImErrorKind.KeySubstituted => ExitCode.Tampered,
        ImErrorKind.NameTaken or ImErrorKind.NotPermitted or ImErrorKind.KeyModeMismatch or ImErrorKind.QueueFull
            or ImErrorKind.TextTooLong or ImErrorKind.OutboxFull or ImErrorKind.ProtocolViolation => ExitCode.Failure,
        _ => throw new InvalidOperationException($"No exit code for {kind}."),
    };

    public override void WriteFields(Utf8JsonWriter json)
    {
        json.WriteString("kind", Kind);
        json.WriteString("message", Message);
        json.WriteNumber("exit_code", (int)ExitCode);
        if (Error?.Code is { } code)
        {
            json.WriteNumber("code", code);
        }

        if (Error?.RetryAfter is { } wait)
        {
            json.WriteNumber("retry_after", (long)Math.Ceiling(wait.TotalSeconds));
        }

        if (Error?.FieldErrors is { Count: > 0 } fields)
        {
            json.WriteStartObject("errors");
            foreach (var (name, faults) in fields)
            {
                json.WriteStartArray(name);
                foreach (var fault in faults)
                {
                    json.WriteStringValue(fault);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }
    }

    /// <summary>The name of an enum's member as JSON has it.</summary>
    internal static string SnakeCase(string name) => JsonNamingPolicy.SnakeCaseLower.ConvertName(name);

    /// <summary>What the library cannot know: the command to type.</summary>
    private static string HintFor(ImErrorKind kind) => kind switch
    {
        ImErrorKind.Unauthenticated => " Run `im login`.",
        ImErrorKind.KeyModeMismatch => " Give --server-key on both sides, or on neither.",
        ImErrorKind.PeerAbsent => " How long to wait is set with --wait.",
        _ => "",
    };
}
