using Im.Cli.Output;
using Im.Client;

namespace Im.Cli.Chat;

/// <summary>The line that says what is amiss and what one can do: only the most pressing thing.</summary>
internal static class Banner
{
    /// <summary>The line, harmless; null: all is well.</summary>
    public static string? Of(ChatState state)
    {
        var text = state switch
        {
            { Meeting: { } meeting } => meeting(),
            { WantsNewKeys: true } => $"User {state.Peer} lost the keys and wants new ones: /new exchanges them, /quit leaves.",
            { Connection: null } => "No conversation: /new exchanges keys, /quit leaves.",
            { Connection: { Status: ConversationStatus.Ended } ended } => $"Over (/new, /quit): {ended.Error?.Message ?? "you ended it."}",
            { Connection: { Status: ConversationStatus.Connecting, Error: null } } => "Connecting.",
            { Connection: { Status: not ConversationStatus.Connected } lost } => $"Reconnecting, {When(lost.NextTryAt, lost.Error, state.Now)}: {lost.Error?.Message}",
            { Paused: { } paused } => $"Sending waits, {When(paused.NextTryAt, paused.Error, state.Now)}: {paused.Error.Message}",
            _ => null,
        };
        return text is null ? null : VisibleText.Of(text);
    }

    /// <summary>When it is tried again; and that one need not wait for it, unless the server asked for the wait.</summary>
    private static string When(DateTimeOffset? at, ImException? error, DateTimeOffset now) =>
        at - now is { TotalSeconds: > 0 } wait
            ? $"next try in {Math.Ceiling(wait.TotalSeconds):0} s{(error?.Kind is ImErrorKind.RateLimited ? "" : " (Enter: now)")}"
            : "trying now";
}
