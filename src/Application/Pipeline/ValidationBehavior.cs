using FluentValidation;
using Im.Domain;
using MediatR;

namespace Im.Application.Pipeline;

/// <summary>Refuses a command with every faulty field at once, before its handler sees it.</summary>
internal sealed class ValidationBehavior<TRequest, TResponse>(IEnumerable<IValidator<TRequest>> validators) : IPipelineBehavior<TRequest, TResponse>
    where TRequest : IRequest<TResponse>
    where TResponse : IResult<TResponse>
{
    private readonly IValidator<TRequest>[] _validators = [.. validators];

    public Task<TResponse> Handle(TRequest request, CancellationToken cancellationToken, RequestHandlerDelegate<TResponse> next)
    {
        var unreadable = (request as IRawInput)?.Unreadable;
        if (_validators.Length == 0 && unreadable is null or { Count: 0 })
        {
            return next();
        }

        var faults = _validators
            .SelectMany(validator => validator.Validate(request).Errors)
            .GroupBy(fault => fault.PropertyName, fault => fault.ErrorMessage)
            .ToDictionary(field => field.Key, field => field.Distinct().ToArray());

        // A field that could not be read is null in the command; "missing" would be the wrong thing to say of it.
        foreach (var (field, fault) in unreadable ?? new Dictionary<string, string>())
        {
            faults[field] = [fault];
        }

        return faults.Count == 0 ? next() : Task.FromResult(TResponse.Failure(Errors.Parameters(faults)));
    }
}
