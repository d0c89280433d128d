namespace Im.IntegrationTests.Harness;

/// <summary>Waits for a condition, with a deadline: never a sleep that hopes.</summary>
internal static class Eventually
{
    /// <summary>Generous: a busy machine must not fail a test, and a wait that succeeds ends at once.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    private const int Rounds = 4;

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>Returns when the condition holds; fails with its name when the deadline passes first.</summary>
    public static async Task HoldsAsync(string what, Func<Task<bool>> condition, TimeSpan? deadline = null)
    {
        var until = DateTime.UtcNow + (deadline ?? Deadline);
        while (true)
        {
            // Before the look: a machine that stood still past the deadline has a last one.
            var isLast = DateTime.UtcNow >= until;
            if (await condition())
            {
                return;
            }

            Assert.False(isLast, $"Not within {deadline ?? Deadline}: {what}.");
            await Task.Delay(Pause, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>
    /// For a time that the protocol promises: of some rounds, one must keep it. A product that is too slow is so in all of
    /// them; a machine that stands still for a moment is not. Whatever else a round asserts must hold in every one.
    /// </summary>
    /// <param name="what">Is promised.</param>
    /// <param name="promise">Within this.</param>
    /// <param name="round">Makes it happen, and says how long it took.</param>
    public static async Task OnceWithinAsync(string what, TimeSpan promise, Func<Task<TimeSpan>> round)
    {
        var took = new List<TimeSpan>();
        while (took.Count < Rounds)
        {
            took.Add(await round());
            if (took[^1] <= promise)
            {
                return;
            }
        }

        Assert.Fail($"Never within {promise}: {what}. It took {string.Join(", ", took)}.");
    }

    public static Task HoldsAsync(string what, Func<bool> condition, TimeSpan? deadline = null) =>
        HoldsAsync(what, () => Task.FromResult(condition()), deadline);
}
