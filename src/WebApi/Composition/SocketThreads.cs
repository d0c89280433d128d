namespace Im.WebApi.Composition;

/// <summary>On which threads sockets of clients go on; see docs/decisions/0011.</summary>
internal static class SocketThreads
{
    private const string Inline = "DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS";

    /// <summary>
    /// What waited for a socket goes on on the thread that watches sockets, one per core, rather than on one of the pool that
    /// has to be woken for it. Must be called before the process uses its first socket; who has set the variable is obeyed.
    /// </summary>
    /// <remarks>Not beside the embedded store: it works in the same process, and now and then holds a thread.</remarks>
    internal static void GoOnWhereTheyAreWatched(IConfiguration configuration)
    {
        if (configuration.HasExternalStore() && string.IsNullOrEmpty(Environment.GetEnvironmentVariable(Inline)))
        {
            Environment.SetEnvironmentVariable(Inline, "1");
        }
    }

    /// <summary>Everything but the frames of a websocket works on a thread of the pool: a password's hash takes a tenth of a second.</summary>
    internal static void UsePoolForRequests(this WebApplication app) => app.Use(async (context, next) =>
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        await next(context);
    });
}
