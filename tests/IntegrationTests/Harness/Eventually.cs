namespace Im.IntegrationTests.Harness;

/// <summary>Waits for a condition, with a deadline: never a sleep that hopes.</summary>
internal static class Eventually
{
    /// <summary>Generous: a busy machine must not fail a test, and a wait that succeeds ends at once.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns when the condition holds; fails with its name when the deadline passes first.</summary>
    public static async Task HoldsAsync(string what, Func<Task<bool>> condition, TimeSpan? deadline = null)
    {
        var until = DateTime.UtcNow + (deadline ?? Deadline);
        while (!await condition())
        {
            Assert.True(DateTime.UtcNow < until, $"Not within {deadline ?? Deadline}: {what}.");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    public static Task HoldsAsync(string what, Func<bool> condition, TimeSpan? deadline = null) =>
        HoldsAsync(what, () => Task.FromResult(condition()), deadline);
}
