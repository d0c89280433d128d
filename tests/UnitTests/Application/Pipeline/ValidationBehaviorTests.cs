using FluentValidation;
using Im.Application.KeyExchange;
using Im.Application.Pipeline;
using Im.Domain;
using Im.UnitTests.Domain;

namespace Im.UnitTests.Application.Pipeline;

public sealed class ValidationBehaviorTests
{
    private bool _handled;

    [Fact]
    public async Task A_command_without_a_fault_reaches_its_handler()
    {
        var result = await HandleAsync(new RequestKey(Some.Ann, 10, 30, null));

        Assert.True(result.IsOk && _handled);
    }

    [Fact]
    public async Task Every_faulty_field_is_reported_at_once_and_the_handler_sees_nothing()
    {
        var result = await HandleAsync(new RequestKey(Some.Ann, null, 31, "not base64!"));

        Assert.Equal(ErrorCode.ParameterError, result.Error?.Code);
        Assert.Equal(["PublicKey", "ToUserId", "WaitSeconds"], result.Error!.Fields!.Keys.Order());
        Assert.All(result.Error.Fields.Values, sentences => Assert.Single(sentences));
        Assert.False(_handled);
    }

    [Fact]
    public async Task What_could_not_even_be_read_is_said_of_a_field_instead_of_that_it_is_missing()
    {
        var result = await HandleAsync(new RequestKey(Some.Ann, null, 31, null)
        {
            Unreadable = new Dictionary<string, string> { ["ToUserId"] = "This is no integer." },
        });

        Assert.Equal(["This is no integer."], result.Error!.Fields!["ToUserId"]);
        Assert.Contains("WaitSeconds", result.Error.Fields.Keys);
    }

    [Fact]
    public async Task An_unreadable_field_alone_is_a_fault_even_where_its_absence_would_be_none()
    {
        var result = await HandleAsync(new RequestKey(Some.Ann, 10, null, null)
        {
            Unreadable = new Dictionary<string, string> { ["WaitSeconds"] = "This is no integer." },
        });

        Assert.Equal(["WaitSeconds"], result.Error!.Fields!.Keys);
        Assert.False(_handled);
    }

    [Fact]
    public async Task A_command_that_has_no_validator_still_answers_for_what_could_not_be_read()
    {
        var behavior = new ValidationBehavior<RequestKey, Result<StoredHandshake>>([]);
        var unreadable = new RequestKey(Some.Ann, null, null, null) { Unreadable = new Dictionary<string, string> { ["ToUserId"] = "No integer." } };

        Assert.False((await behavior.Handle(unreadable, TestContext.Current.CancellationToken, NextAsync)).IsOk);
        Assert.True((await behavior.Handle(unreadable with { Unreadable = new Dictionary<string, string>() }, TestContext.Current.CancellationToken, NextAsync)).IsOk);
    }

    [Fact]
    public async Task The_faults_of_several_validators_of_one_command_are_reported_together()
    {
        var behavior = new ValidationBehavior<RequestKey, Result<StoredHandshake>>([new RequestKeyValidator(), new NobodyMayTalkToTen()]);

        var result = await behavior.Handle(new RequestKey(Some.Ann, 10, 31, null), TestContext.Current.CancellationToken, NextAsync);

        Assert.Equal(["ToUserId", "WaitSeconds"], result.Error!.Fields!.Keys.Order());
    }

    private Task<Result<StoredHandshake>> HandleAsync(RequestKey command) =>
        new ValidationBehavior<RequestKey, Result<StoredHandshake>>([new RequestKeyValidator()])
            .Handle(command, TestContext.Current.CancellationToken, NextAsync);

    private Task<Result<StoredHandshake>> NextAsync()
    {
        _handled = true;
        var opened = Handshake.Open(Some.AnnAndBob, Some.Ann, ImKey.Generate(8));
        return Task.FromResult<Result<StoredHandshake>>(new StoredHandshake(opened, TimeSpan.FromSeconds(1)));
    }

    private sealed class NobodyMayTalkToTen : AbstractValidator<RequestKey>
    {
        public NobodyMayTalkToTen() => RuleFor(command => command.ToUserId).NotEqual(10);
    }
}
