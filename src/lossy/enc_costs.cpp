#include "lossy/enc_costs.hpp"

namespace stf::lossy {
namespace {

template <unsigned N, unsigned Limit>
void look_up_one(const AdaptiveModel<N, Limit>& model, uint16_t (&costs)[N]) {
  for (unsigned s = 0; s < N; ++s) costs[s] = static_cast<uint16_t>(bits_of(model.high(s) - model.low(s)));
}
template <typename Model, typename Costs, size_t N>
void look_up_one(const Model (&models)[N], Costs (&costs)[N]) {
  for (size_t i = 0; i < N; ++i) look_up_one(models[i], costs[i]);
}

}  // namespace

void CoefficientCosts::look_up(const CoefficientModels& models) {
  look_up_one(models.last_class, last_class);
  look_up_one(models.last_digit, last_digit);
  look_up_one(models.last_level, last_level);
  look_up_one(models.level, level);
  look_up_one(models.more, more);
}

}  // namespace stf::lossy
