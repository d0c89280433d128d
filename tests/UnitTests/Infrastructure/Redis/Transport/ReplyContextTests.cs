using Im.Infrastructure.Redis.Transport;

namespace Im.UnitTests.Infrastructure.Redis.Transport;

/// <summary>Each test reads on a thread of its own, which the context knows by.</summary>
public sealed class ReplyContextTests
{
    private const int Share = 16;

    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(15);

    [Fact]
    public async Task What_waited_goes_on_on_the_reading_thread_and_not_before_all_is_read()
    {
        var replies = Replies(Share);
        var waiting = replies.Select(WhereItGoesOnAsync).ToArray();

        var reader = await OnAThreadAsync(() =>
        {
            ReplyContext.Run();
            replies.ForEach(reply => reply.SetResult(1));
            Assert.DoesNotContain(waiting, wait => wait.IsCompleted);
            ReplyContext.Run();
            Assert.All(waiting, wait => Assert.True(wait.IsCompleted));
            ReplyContext.End();
        });

        Assert.All(await Task.WhenAll(waiting), where => Assert.Same(reader, where.Thread));
    }

    [Fact]
    public async Task More_than_the_share_are_shared_with_the_pool_and_none_is_lost()
    {
        var replies = Replies((3 * Share) + 5);
        var waiting = replies.Select(WhereItGoesOnAsync).ToArray();

        var reader = await OnAThreadAsync(() =>
        {
            ReplyContext.Run();
            replies.ForEach(reply => reply.SetResult(1));
            ReplyContext.Run();
            ReplyContext.End();
        });

        var went = await Task.WhenAll(waiting).WaitAsync(Deadline);
        Assert.Equal(5, went.Count(where => where.Thread == reader));
        Assert.All(went, where => Assert.True(where.Thread == reader || where.IsPool));
    }

    [Fact]
    public async Task A_reply_that_comes_elsewhere_goes_on_on_the_pool()
    {
        var replies = Replies(1);
        var waiting = WhereItGoesOnAsync(replies[0]);

        var elsewhere = await OnAThreadAsync(() => replies[0].SetResult(1));

        var where = await waiting.WaitAsync(Deadline);
        Assert.True(where.IsPool);
        Assert.NotSame(elsewhere, where.Thread);
    }

    [Fact]
    public async Task When_the_thread_reads_no_more_what_is_left_goes_on_on_the_pool_and_nothing_is_kept()
    {
        var replies = Replies(2);
        var waiting = replies.Select(WhereItGoesOnAsync).ToArray();

        await OnAThreadAsync(() =>
        {
            ReplyContext.Run();
            replies[0].SetResult(1);
            ReplyContext.End();
            replies[1].SetResult(1);
        });

        Assert.All(await Task.WhenAll(waiting).WaitAsync(Deadline), where => Assert.True(where.IsPool));
    }

    [Fact]
    public async Task A_failure_is_met_by_who_waited_and_their_context_is_their_own_again()
    {
        var reply = Replies(1)[0];
        var context = new SynchronizationContext();
        Task waiting = Task.CompletedTask;
        await OnAThreadAsync(() =>
        {
            SynchronizationContext.SetSynchronizationContext(context);
            waiting = WhereItGoesOnAsync(reply);
            Assert.Same(context, SynchronizationContext.Current);
        });

        reply.SetException(new TimeoutException());

        await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(Deadline));
    }

    [Fact]
    public async Task What_was_waited_for_in_vain_does_not_go_on_twice_when_another_one_throws()
    {
        var ran = 0;
        await OnAThreadAsync(() =>
        {
            var context = new ReplyContext();
            ReplyContext.Run();
            context.Post(_ => Interlocked.Increment(ref ran), null);
            context.Post(_ => throw new TimeoutException(), null);
            Assert.Throws<TimeoutException>(() => ReplyContext.Run());
            ReplyContext.Run();
            ReplyContext.End();
        });

        Assert.Equal(1, ran);
    }

    private static List<TaskCompletionSource<int>> Replies(int count) =>
        [.. Enumerable.Range(0, count).Select(_ => new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously))];

    private static async Task<(Thread Thread, bool IsPool)> WhereItGoesOnAsync(TaskCompletionSource<int> reply)
    {
        await ReplyContext.WaitFor(reply.Task);
        return (Thread.CurrentThread, Thread.CurrentThread.IsThreadPoolThread);
    }

    /// <summary>The thread on which it ran: not its number, which is another one's when it has ended.</summary>
    private static Task<Thread> OnAThreadAsync(Action action) => Task.Factory.StartNew(
        () =>
        {
            action();
            return Thread.CurrentThread;
        },
        CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
}
