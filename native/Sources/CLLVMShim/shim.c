// shim.c — what LLVM's versions spell differently, in one spelling; the only place that asks which.

#include "shim.h"

#include <llvm-c/Core.h>
#include <llvm-c/Target.h>
#include <llvm/Config/llvm-config.h>

unsigned nova_llvm_version(void) { return LLVM_VERSION_MAJOR; }

bool nova_llvm_is_consistent(void) {
#if LLVM_VERSION_MAJOR >= 16
  unsigned major, minor, patch;
  LLVMGetVersion(&major, &minor, &patch);
  return major == LLVM_VERSION_MAJOR;
#else
  return true;
#endif
}

void nova_llvm_initialise(void) {
  LLVMInitializeX86TargetInfo();
  LLVMInitializeX86Target();
  LLVMInitializeX86TargetMC();
  LLVMInitializeX86AsmPrinter();
  LLVMInitializeAArch64TargetInfo();
  LLVMInitializeAArch64Target();
  LLVMInitializeAArch64TargetMC();
  LLVMInitializeAArch64AsmPrinter();
  LLVMInitializeRISCVTargetInfo();
  LLVMInitializeRISCVTarget();
  LLVMInitializeRISCVTargetMC();
  LLVMInitializeRISCVAsmPrinter();
}

LLVMTargetMachineRef nova_llvm_machine(LLVMTargetRef target, const char *triple, const char *cpu,
                                       const char *features, const char *abi,
                                       LLVMCodeGenOptLevel level, LLVMRelocMode reloc,
                                       LLVMCodeModel model) {
#if LLVM_VERSION_MAJOR >= 18
  LLVMTargetMachineOptionsRef options = LLVMCreateTargetMachineOptions();
  LLVMTargetMachineOptionsSetCPU(options, cpu);
  LLVMTargetMachineOptionsSetFeatures(options, features);
  if (abi)
    LLVMTargetMachineOptionsSetABI(options, abi);
  LLVMTargetMachineOptionsSetCodeGenOptLevel(options, level);
  LLVMTargetMachineOptionsSetRelocMode(options, reloc);
  LLVMTargetMachineOptionsSetCodeModel(options, model);
  LLVMTargetMachineRef machine = LLVMCreateTargetMachineWithOptions(target, triple, options);
  LLVMDisposeTargetMachineOptions(options);
  return machine;
#else
  (void)abi; // the module's flag says it
  return LLVMCreateTargetMachine(target, triple, cpu, features, level, reloc, model);
#endif
}

const char *nova_llvm_combine_pass(void) {
#if LLVM_VERSION_MAJOR >= 18
  return "instcombine<no-verify-fixpoint>";
#else
  return "instcombine";
#endif
}

LLVMTypeRef nova_llvm_pointer_type(LLVMContextRef context) {
  return LLVMPointerType(LLVMInt8TypeInContext(context), 0);
}

LLVMValueRef nova_llvm_cast_pointer(LLVMBuilderRef builder, LLVMValueRef address,
                                    LLVMTypeRef type) {
#if LLVM_VERSION_MAJOR >= 15
  (void)builder;
  (void)type;
  return address;
#else
  return LLVMBuildBitCast(builder, address, LLVMPointerType(type, 0), "");
#endif
}

#if LLVM_VERSION_MAJOR >= 17
typedef LLVMOrcCSymbolMapPair symbol_pair;
#else
typedef LLVMJITCSymbolMapPair symbol_pair;
#endif

LLVMErrorRef nova_llvm_define(LLVMOrcLLJITRef jit, const char *name, const void *address) {
  symbol_pair pair = {
      LLVMOrcLLJITMangleAndIntern(jit, name),
      {(LLVMOrcExecutorAddress)(uintptr_t)address,
       {LLVMJITSymbolGenericFlagsExported | LLVMJITSymbolGenericFlagsCallable, 0}}};
  return LLVMOrcJITDylibDefine(LLVMOrcLLJITGetMainJITDylib(jit), LLVMOrcAbsoluteSymbols(&pair, 1));
}
