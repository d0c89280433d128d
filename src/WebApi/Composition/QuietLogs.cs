namespace Im.WebApi.Composition;

/// <summary>Silences the framework's own log where it would quote what nobody may read, or repeat what the operator is told in one sentence.</summary>
internal static class QuietLogs
{
    private static readonly (string Category, LogLevel Level)[] Silenced =
    [
        // Quotes request lines that it cannot parse, and with them a token in the address.
        ("Microsoft.AspNetCore.Server.Kestrel.BadRequests", LogLevel.None),

        // Quotes the address of every request, and a session may stand in it. Not even faults, which the edge logs: as long as there
        // is anything that it may write, each request has a scope and an activity, and each open socket keeps its own.
        ("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None),

        // A line for every connection beyond the bound, for whoever likes to open some; kestrel_rejected_connections counts them.
        ("Microsoft.AspNetCore.Server.Kestrel.Connections", LogLevel.Error),

        // The stack trace of a start that failed; the sentence on stderr says it.
        ("Microsoft.Extensions.Hosting.Internal.Host", LogLevel.Critical),
    ];

    // After all configuration, and once more for each provider that has rules of its own: those go before the common ones.
    internal static void AddQuietLogs(this IServiceCollection services) => services.PostConfigure<LoggerFilterOptions>(options =>
    {
        foreach (var provider in options.Rules.Select(rule => rule.ProviderName).Append(null).Distinct().ToArray())
        {
            foreach (var (category, level) in Silenced)
            {
                options.Rules.Add(new LoggerFilterRule(provider, category, level, filter: null));
            }
        }
    });
}
