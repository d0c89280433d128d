namespace Im.IntegrationTests.Harness;

/// <summary>Users for tests: every test has its own, so that tests share a node and a store without meeting.</summary>
internal static class Pairs
{
    private static long _last = 1_000_000;

    /// <summary>Two users whom no other test has.</summary>
    public static (long Ann, long Bob) Fresh()
    {
        var bob = Interlocked.Add(ref _last, 2);
        return (bob - 1, bob);
    }

    /// <summary>One user whom no other test has.</summary>
    public static long User() => Fresh().Ann;
}
