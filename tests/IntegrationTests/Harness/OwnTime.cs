namespace Im.IntegrationTests.Harness;

/// <summary>
/// Time as this process had it: it counts in small steps, of which each waits for the last one as everything else here does. A
/// moment in which the machine did nothing for the process is one step, however long it was. What a node in this process
/// promises to do within some time is measured by it; what never happens takes as long by it as by any clock.
/// </summary>
internal sealed class OwnTime : TimeProvider
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);

    /// <summary>A step that took longer waited for the machine.</summary>
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(25);

    private long _elapsed;

    private OwnTime() => _ = CountAsync();

    public static OwnTime Clock { get; } = new();

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Interlocked.Read(ref _elapsed);

    /// <summary>Waits for a task for as long as a machine may need, and fails if the process had more time than this until it ended.</summary>
    public static async Task<T> WithinAsync<T>(TimeSpan limit, Func<Task<T>> begin)
    {
        var began = Clock.GetTimestamp();
        var result = await begin().WaitAsync(limit + (4 * Eventually.Deadline), TestContext.Current.CancellationToken);
        Assert.InRange(Clock.GetElapsedTime(began), TimeSpan.Zero, limit);
        return result;
    }

    private async Task CountAsync()
    {
        while (true)
        {
            var began = System.GetTimestamp();
            await Task.Delay(Step).ConfigureAwait(false);
            var took = System.GetElapsedTime(began);
            Interlocked.Add(ref _elapsed, (took < Longest ? took : Longest).Ticks);
        }
    }
}
