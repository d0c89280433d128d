using System.Text.RegularExpressions;
using Im.Cli.Output;
using Im.Client;

namespace Im.UnitTests.Cli.Output;

public sealed partial class FailureTests
{
    public static TheoryData<ImErrorKind> Kinds => [.. Enum.GetValues<ImErrorKind>()];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_kind_of_error_has_an_exit_code_that_is_neither_success_nor_a_signal(ImErrorKind kind) =>
        Assert.InRange((int)Failure.CodeOf(kind), 1, 127);

    [Theory]
    [InlineData(ImErrorKind.WrongCredentials, nameof(ExitCode.Unauthenticated))]
    [InlineData(ImErrorKind.Unauthenticated, nameof(ExitCode.Unauthenticated))]
    [InlineData(ImErrorKind.PeerAbsent, nameof(ExitCode.PeerAbsent))]
    [InlineData(ImErrorKind.SessionEnded, nameof(ExitCode.SessionOver))]
    [InlineData(ImErrorKind.SessionLost, nameof(ExitCode.SessionOver))]
    [InlineData(ImErrorKind.TakenOver, nameof(ExitCode.SessionOver))]
    [InlineData(ImErrorKind.ServerUnavailable, nameof(ExitCode.ServerUnavailable))]
    [InlineData(ImErrorKind.KeySubstituted, nameof(ExitCode.Tampered))]
    [InlineData(ImErrorKind.InvalidInput, nameof(ExitCode.Usage))]
    [InlineData(ImErrorKind.NameTaken, nameof(ExitCode.Failure))]
    public void What_a_script_decides_by_has_its_code(ImErrorKind kind, string expected) => Assert.Equal(expected, Failure.CodeOf(kind).ToString());

    [Fact]
    public void The_readme_lists_exactly_the_exit_codes_there_are()
    {
        var listed = Row().Matches(Repository.Read("clients", "dotnet", "Im.Cli", "README.md")).Select(row => int.Parse(row.Groups[1].ValueSpan));

        Assert.Equal(Enum.GetValues<ExitCode>().Select(code => (int)code).Order(), listed.Order());
    }

    [Fact]
    public void A_fault_of_the_tool_shows_nothing_of_what_it_was_about()
    {
        var failure = Failure.Of(new InvalidOperationException("a secret"));

        Assert.Equal(("internal_error", ExitCode.Failure), (failure.Kind, failure.ExitCode));
        Assert.DoesNotContain("secret", failure.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_faults_of_fields_are_said_below_the_sentence()
    {
        var error = new ImException(ImErrorKind.InvalidInput, "A field is malformed.")
        {
            FieldErrors = new Dictionary<string, IReadOnlyList<string>> { ["email"] = ["It has no @.", "It is short."] },
        };

        Assert.Equal("A field is malformed.\n  email: It has no @.\n  email: It is short.", Failure.Of(error).Sentence);
    }

    [GeneratedRegex(@"^\| (\d+) \|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
