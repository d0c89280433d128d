using FluentValidation;
using Im.Domain;

namespace Im.Application.Pipeline;

/// <summary>The rules that several commands share, each with its one sentence.</summary>
public static class FieldRules
{
    /// <summary>Present, a user id, and not the caller's own.</summary>
    public static IRuleBuilderOptions<T, long?> IsAPeerOf<T>(this IRuleBuilder<T, long?> rule, Func<T, UserId> caller) => rule
        .NotNull().WithMessage("The field is required.")
        .Must(number => number is null || UserId.Of(number.Value).IsOk).WithMessage(Errors.NotAUserId.Message)
        .Must((command, number) => number != caller(command).Number).WithMessage(Errors.PairWithOneself.Message);

    /// <summary>Absent, or a session id.</summary>
    public static IRuleBuilderOptions<T, string?> IsASessionId<T>(this IRuleBuilder<T, string?> rule) => rule
        .Must(text => text is null || SessionId.Parse(text).IsOk).WithMessage(Errors.NotASessionId.Message);
}
