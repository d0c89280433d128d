using System.Reflection;
using Im.Client;

namespace Im.UnitTests.Client;

/// <summary>Whatever a client prints of its own types shows no text, token or key.</summary>
public sealed class SecrecyTests
{
    private const string Marker = "0123secret";

    /// <summary>Every record that can hold a text, but those of the public surface that say what may be shown.</summary>
    public static TheoryData<Type> Records => [.. typeof(ImClient).Assembly.GetTypes()
        .Where(type => type is { IsAbstract: false, ContainsGenericParameters: false } && type.GetMethod("<Clone>$") is not null)
        .Where(type => type.GetProperties().Any(property => property.PropertyType == typeof(string)))];

    [Theory]
    [MemberData(nameof(Records))]
    public void A_record_prints_no_text(Type type)
    {
        var constructor = type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic).MaxBy(constructor => constructor.GetParameters().Length)!;
        var record = constructor.Invoke([.. constructor.GetParameters().Select(parameter => parameter switch
        {
            { ParameterType: var text, Name: not "Type" and not "Of" } when text == typeof(string) => Marker,
            { ParameterType.IsValueType: true } => Activator.CreateInstance(parameter.ParameterType),
            _ => null,
        })]);

        Assert.DoesNotContain(Marker, record.ToString(), StringComparison.Ordinal);
    }
}
