using System.Diagnostics;

namespace Im.FuzzTests.Engine;

/// <summary>What a run did.</summary>
internal sealed record FuzzFigures(string Target, int Seed, long Inputs, int Outcomes, long MostAllocated, TimeSpan Time)
{
    public override string ToString() =>
        $"{Target}: {Inputs:N0} inputs in {Time.TotalSeconds:0.0} s, seed {Seed}, {Outcomes} kinds of outcome, at most {MostAllocated:N0} bytes allocated by one";
}

/// <summary>Feeds a target with damaged inputs, for a time or a number of inputs. The same seed and number make the same run.</summary>
internal sealed class FuzzRun(FuzzTarget target, int seed)
{
    /// <summary>Inputs between two looks at the clock.</summary>
    private const int Batch = 1000;

    /// <summary>Inputs kept for their outcome at most, so that the kept ones do not grow without end.</summary>
    private const int MaxPool = 4096;

    /// <summary>A thousand inputs may take so much of a processor. Not so long: a busy machine is no finding, a reader that goes astray is.</summary>
    private static readonly TimeSpan MaxBatch = TimeSpan.FromSeconds(20);

    private readonly HashSet<int> _outcomes = [];
    private readonly List<byte[]> _pool = [.. Corpus.Of(target)];
    private long _mostAllocated;

    public FuzzFigures For(TimeSpan time, long inputs)
    {
        Assert.NotEmpty(_pool);
        foreach (var input in _pool.ToArray())
        {
            target.Run(input); // What is made only once is made here, and charged to no input.
            Try(input);
        }

        var mutator = new Mutator(new Random(seed), target);
        var began = Stopwatch.GetTimestamp();
        long done = 0;
        while (done < inputs && Stopwatch.GetElapsedTime(began) < time)
        {
            var batchBegan = Environment.CpuUsage.TotalTime;
            for (var i = 0; i < Batch; i++)
            {
                var input = mutator.Next(_pool);
                Try(input);
            }

            done += Batch;
            var took = Environment.CpuUsage.TotalTime - batchBegan;
            Assert.True(took < MaxBatch, $"{target.Name}: {Batch} inputs took {took}, seed {seed}, after {done:N0}.");
        }

        return new FuzzFigures(target.Name, seed, done, _outcomes.Count, _mostAllocated, Stopwatch.GetElapsedTime(began));
    }

    private void Try(byte[] input)
    {
        var before = GC.GetAllocatedBytesForCurrentThread() - target.AllocatedAside;
        int outcome;
        try
        {
            outcome = target.Run(input);
        }
        catch (Exception fault)
        {
            throw Found(input, fault.Message, fault);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - target.AllocatedAside - before;
        if (allocated > target.MaxAllocated(input.Length))
        {
            throw Found(input, $"{input.Length} bytes made it allocate {allocated:N0}, more than {target.MaxAllocated(input.Length):N0}.", null);
        }

        _mostAllocated = Math.Max(_mostAllocated, allocated);
        if (_outcomes.Add(outcome) && _pool.Count < MaxPool)
        {
            _pool.Add(input);
        }
    }

    private FuzzFinding Found(byte[] input, string what, Exception? fault) =>
        new($"{target.Name}, seed {seed}: {what} The input is kept: {Corpus.Keep(target, input)}", fault);
}
