namespace Im.Cli.Output;

/// <summary>A failure that the tool itself found, as opposed to the library or the server.</summary>
/// <param name="kind">One word in snake_case, for <c>--json</c>.</param>
/// <param name="exitCode">What the tool ends with.</param>
/// <param name="message">One sentence that says what to do next. Never a secret.</param>
internal sealed class ToolException(string kind, ExitCode exitCode, string message) : Exception(message)
{
    public string Kind => kind;

    public ExitCode ExitCode => exitCode;
}
