using System.Globalization;
using Im.FuzzTests.Engine;
using Im.FuzzTests.Targets;

namespace Im.FuzzTests;

/// <summary>
/// Hostile input, made by the million. <c>IM_FUZZ_SECONDS</c>: for so long, all targets together; <c>IM_FUZZ_INPUTS</c>: so
/// many of each, however long it takes; <c>IM_FUZZ_SEED</c>: other ones, <c>any</c>: by chance; <c>IM_FUZZ_TARGET</c>: one alone.
/// </summary>
public sealed class FuzzingTests
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(2);

    internal static FuzzTarget[] All { get; } =
    [
        new FrameReaderTarget(), new SocketTarget(), new TokenPlacesTarget(), new TokenTarget(), new BodyTarget(), new UpgradeQueryTarget(), new PublicKeyTarget(),
        new PublicationTarget(), new StoreStreamTarget(),
    ];

    public static TheoryData<string> Targets => [.. All.Select(target => target.Name).Where(name => (Only ?? name) == name)];

    public static TheoryData<string, string> Kept =>
        [.. All.SelectMany(target => Corpus.FilesOf(target).Select(file => (target.Name, Path.GetFileName(file))))];

    [Theory]
    [MemberData(nameof(Targets))]
    public void Whatever_is_made_of_the_corpus_is_read_within_bounds_or_refused(string name)
    {
        var target = All.Single(target => target.Name == name);
        var inputs = Number("IM_FUZZ_INPUTS");
        var seconds = Number("IM_FUZZ_SECONDS");
        var time = inputs is not null ? TimeSpan.MaxValue : seconds is not null ? TimeSpan.FromSeconds((double)seconds.Value / Targets.Count) : Short;

        var figures = new FuzzRun(target, Seed()).For(time, inputs ?? long.MaxValue);

        TestContext.Current.SendDiagnosticMessage(figures.ToString());
        TestContext.Current.TestOutputHelper!.WriteLine(figures.ToString());
        Console.WriteLine(figures);
    }

    [Theory]
    [MemberData(nameof(Kept))]
    public void What_is_kept_is_read_within_bounds_or_refused(string name, string file)
    {
        var target = All.Single(target => target.Name == name);

        target.Run(File.ReadAllBytes(Path.Combine(Corpus.Root, name, file)));
    }

    /// <summary>The same in every run that does not ask for another: what a gate says is to depend on the change, and not on chance.</summary>
    private static int Seed() =>
        Environment.GetEnvironmentVariable("IM_FUZZ_SEED") == "any" ? Random.Shared.Next() : (int)(Number("IM_FUZZ_SEED") ?? 20261126);

    private static string? Only => Environment.GetEnvironmentVariable("IM_FUZZ_TARGET");

    private static long? Number(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;
}
