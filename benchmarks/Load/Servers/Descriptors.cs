using Im.Load.Wire;

namespace Im.Load.Servers;

/// <summary>File descriptors: each socket needs one here and one in a server. Servers inherit the limit.</summary>
internal static class Descriptors
{
    private const int NumberOfFiles = 7;

    // What a process has open besides its clients' sockets, generously.
    private const int Others = 400;
    private const ulong Wanted = 100_000;

    private static int s_limit;

    /// <summary>Raises the limit as far as this user may.</summary>
    internal static void Raise()
    {
        _ = Libc.GetLimit(NumberOfFiles, out var limit);
        var raised = new Libc.ResourceLimit { Soft = Math.Max(limit.Hard, Wanted), Hard = Math.Max(limit.Hard, Wanted) };
        if (Libc.SetLimit(NumberOfFiles, in raised) < 0)
        {
            raised = limit with { Soft = limit.Hard };
            _ = Libc.SetLimit(NumberOfFiles, in raised);
        }

        s_limit = (int)Math.Min(raised.Soft, Wanted);
    }

    /// <summary>As many pairs as were asked for, or as the limit allows; says so when it is less.</summary>
    internal static int PairsWithin(int pairs)
    {
        var possible = (s_limit - Others) / 2;
        if (pairs > possible)
        {
            Console.Error.WriteLine($"RLIMIT_NOFILE is {s_limit}: {possible} pairs instead of {pairs}. Raise it (ulimit -Hn) for more.");
        }

        return Math.Min(pairs, possible);
    }
}
