namespace Im.FuzzTests.Engine;

/// <summary>One reader of what others wrote, with what must hold whatever they wrote.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Its folder in <c>Corpus</c>, and its name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of the longest input that is made.</summary>
    public virtual int MaxLength => 4096;

    /// <summary>Words that this reader knows: they are put into inputs, so that what stands behind a keyword is reached.</summary>
    public virtual IReadOnlyList<byte[]> Words => [];

    /// <summary>Bytes that reading an input of this length may allocate at most, the checks of the result included.</summary>
    public abstract long MaxAllocated(int length);

    /// <summary>Reads one input, and checks what came out.</summary>
    /// <param name="input">Any bytes; not kept.</param>
    /// <returns>What kind of outcome it was: an input with a new one is worth keeping.</returns>
    /// <exception cref="FuzzFinding">Something that must hold does not. Any other exception is a finding, too.</exception>
    public abstract int Run(byte[] input);

    /// <summary>Bytes that were allocated for what a result is compared with, and not by what is tested.</summary>
    public long AllocatedAside { get; private set; }

    /// <summary>Makes something to compare with.</summary>
    protected T Aside<T>(Func<T> make)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        var made = make();
        AllocatedAside += GC.GetAllocatedBytesForCurrentThread() - before;
        return made;
    }

    /// <summary>Something that must hold for each input.</summary>
    protected static void Holds(bool condition, string what)
    {
        if (!condition)
        {
            throw new FuzzFinding(what);
        }
    }
}

/// <summary>What must hold does not, for some input.</summary>
internal sealed class FuzzFinding(string what, Exception? inner = null) : Exception(what, inner);
